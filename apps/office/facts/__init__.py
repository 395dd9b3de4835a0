"""Facts of a draft against the documents that its writer may read."""
