"""Model files: which there are, what is on this machine, and how they get here. Nothing is loaded here."""
