"""The one way out: every delivery to a platform, due, tried, done, uncertain or failed."""
