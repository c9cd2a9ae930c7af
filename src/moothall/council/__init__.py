"""What the council has set: the rules in force."""
