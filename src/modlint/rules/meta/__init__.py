"""MET, the files themselves: pairs that must say the same."""
