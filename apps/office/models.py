"""Models of office writing, each beside what it belongs to; Django finds them here."""
