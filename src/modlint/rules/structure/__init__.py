"""STR: what a teaching module is made of, from its introduction to its summary."""
