"""Model providers that an administrator has entered; the environment and discovery come first."""
