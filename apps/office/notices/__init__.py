"""Notices: from facts to an official document, each sentence with where it comes from."""
