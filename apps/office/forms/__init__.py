"""Forms of an OA: from a description or a template to fields, schemas and a printed sheet."""
