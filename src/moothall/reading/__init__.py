"""Signals and policy together: read one comment, triage a file."""
