"""Settings, urls and the worker loops."""
