"""Proofreading: a pure library from a draft's text to findings. It knows no model, no view and no request."""
