"""Writers of the demo's office files, one module a format. Used by build.py only."""
