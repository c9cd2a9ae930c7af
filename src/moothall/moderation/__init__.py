"""Decisions under the house rules, with their evidence."""
