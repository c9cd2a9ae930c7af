"""The officers' screens. No rule lives here."""
