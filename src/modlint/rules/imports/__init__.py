"""IMP, import safety: what a module does when another imports it."""
