"""``modlint server``: what ``check`` and ``fix`` know, said to an editor while one types."""
