"""Golden questions and evaluation runs."""
