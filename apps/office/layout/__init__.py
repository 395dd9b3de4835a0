"""The layout of official documents (GB/T 9704—2012) as Word files and PDF."""
