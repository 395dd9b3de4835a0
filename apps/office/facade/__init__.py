"""The HTTP interface of LanguageTool, for its clients: editors, office add-ons, libraries."""
