"""What the fork servers import before any file comes, so that a child starts within milliseconds."""
