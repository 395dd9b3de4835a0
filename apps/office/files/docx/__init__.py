"""Word files: their text with a way back to its runs, tracked changes, comments, and a clean copy."""
