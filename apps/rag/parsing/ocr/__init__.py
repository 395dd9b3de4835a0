"""Text out of pictures: engines behind one small interface, budgets, pages of scans, picture files."""
