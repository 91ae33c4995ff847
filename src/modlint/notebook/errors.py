"""What can go wrong while a module file is read."""

from __future__ import annotations


class UnreadableModule(ValueError):
    """A file whose bytes cannot be read as text that could be written back unchanged.

    ``message`` is one line for the reader; ``row`` is the 1-based row where the
    trouble starts and ``cell`` the 1-based number of the cell it is in, each None
    where none can be named.
    """

    def __init__(self, message: str, row: int | None = None, cell: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.row = row
        self.cell = cell


class OtherLanguage(UnreadableModule):
    """A notebook in another language than Python, which ``language`` names."""

    def __init__(self, language: str) -> None:
        super().__init__(f"the notebook is in {language}, not in Python")
        self.language = language
