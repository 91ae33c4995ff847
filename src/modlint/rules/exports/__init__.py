"""EXP: what nbdev makes of the module, and whether the package can be imported."""
