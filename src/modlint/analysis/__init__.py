"""What the code of a module says of itself: names, functions, calls, acts at import."""
