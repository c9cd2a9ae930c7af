"""Invented streams of council comments for the benches: chatter, hard negatives and campaigns, the same for a seed."""
