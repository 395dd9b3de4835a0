"""The pages of cabinets and documents, a module each."""
