"""Signing in by a directory (LDAP, Active Directory), and taking people and departments over from it."""
