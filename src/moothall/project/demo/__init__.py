"""The demo: a borough with life in it, on this machine only."""
