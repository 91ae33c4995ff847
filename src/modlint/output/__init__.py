"""Diagnostics → what a reader or a program wants: one file a format."""
