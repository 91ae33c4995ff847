"""COV: what the tests of a module touch, and what they leave out."""
