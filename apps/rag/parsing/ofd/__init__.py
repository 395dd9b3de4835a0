"""OFD (GB/T 33190), the national fixed-layout format: a zip of XML, read without any other program."""
