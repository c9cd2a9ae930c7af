"""Officers, their roles, and signing in."""
