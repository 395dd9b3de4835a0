"""Calls to other machines: which are allowed, and at which address. A pure library that every app may import."""
