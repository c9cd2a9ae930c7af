"""Channels, posts, comments and authors; how a comment arrives, is read and queued."""
