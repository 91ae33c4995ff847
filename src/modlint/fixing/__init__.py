"""Diagnostics → new cells: apply, prove, write."""
