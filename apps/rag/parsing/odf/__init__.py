"""OpenDocument: text, sheets and slides, read from content.xml without an office program."""
