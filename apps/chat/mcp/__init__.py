"""The Model Context Protocol: search, reading and asking as tools for other programs' models (docs/mcp.md)."""
