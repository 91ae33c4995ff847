"""Run a module in a child process and see what it does; only ``verify`` asks for it."""
