"""RUN: what is seen when the module runs. Only ``modlint verify`` runs it."""
