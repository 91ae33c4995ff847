"""SIG, signatures: what a function says of itself and what it does."""
