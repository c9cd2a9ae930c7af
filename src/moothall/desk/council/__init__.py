"""The screens for what the council sets: its rules, registers, elections and hours."""
