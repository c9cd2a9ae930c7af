"""What the council has set: rules in force, registers, elections and the period, office hours."""
