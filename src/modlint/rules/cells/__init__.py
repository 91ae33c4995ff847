"""CEL, cells and jupytext: what a notebook makes of a marker."""
