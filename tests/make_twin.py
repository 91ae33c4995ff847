"""Write the notebook of the reference module: ``.venv/bin/python tests/make_twin.py``.

It is what jupytext makes of the module, with ids made from the texts of the cells, so that
the same module always gives the same bytes.
"""

from __future__ import annotations

from notebook_files import notebook_of, written
from support import REFERENCE, REFERENCE_NOTEBOOK


def made() -> bytes:
    """The notebook file as it is to be."""
    return written(notebook_of(REFERENCE.read_text("utf-8")), "nbformat").encode()


if __name__ == "__main__":
    REFERENCE_NOTEBOOK.parent.mkdir(parents=True, exist_ok=True)
    REFERENCE_NOTEBOOK.write_bytes(made())
