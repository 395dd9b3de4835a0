"""PDF: pypdfium2 for text and places, pdfplumber for ruled tables."""
