"""Files that are proofread: kept while their reading is, read, and written back with tracked changes."""
