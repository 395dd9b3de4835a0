"""The statistical layer trained from documents of the house, kept, and served."""
