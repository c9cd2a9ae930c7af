"""Moothall: a council's social media, run by its own published house rules."""
