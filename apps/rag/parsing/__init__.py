"""From a file to elements. Nothing heavy is imported here; parsers load what they need when called."""
