"""Pages of the bench, of golden questions, and of what was not found."""
