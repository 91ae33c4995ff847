"""NBG, grading metadata: what nbgrader reads from a cell."""
