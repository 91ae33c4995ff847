"""Course modules to measure with, made of the cells of the fixtures; always the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from modlint import Settings, lint, read
from modlint.notebook.cell import Cell, ModuleFile

_FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
_NAME = Path("16_quantization", "quantization_dev.py")
_CELLS = 6


def write(folder: Path, count: int, *, clean: bool) -> None:
    """Write ``count`` modules of 250 to 400 lines; in those that are ``clean`` nothing is found."""
    folder.mkdir(parents=True)
    for number in range(count):
        text = module(number, clean=clean)
        (folder / f"m{number:03}_dev.py").write_bytes(text.encode())


def module(number: int, *, clean: bool, cells: int = _CELLS) -> str:
    """The text of one module: cells of a fixture, from another one on for each ``number``."""
    file, head, rest = _parts(clean)
    chosen = [rest[(number * 5 + at) % len(rest)] for at in range(cells)]
    return replace(file, cells=(*head, *chosen)).text + f"# Module {number}.\n"


@cache
def _parts(clean: bool) -> tuple[ModuleFile, Sequence[Cell], Sequence[Cell]]:
    """A fixture, its cells as far as the imports, and the cells to choose from."""
    file = read((_FIXTURES / ("exemplary" if clean else "modules") / _NAME).read_bytes())
    start = next(at for at, cell in enumerate(file.cells) if "import numpy" in cell.source) + 1
    head, rest = file.cells[:start], file.cells[start:]
    if clean:
        rest = tuple(cell for cell in rest if _is_clean(replace(file, cells=(*head, cell))))
    return file, head, rest


def _is_clean(file: ModuleFile) -> bool:
    return not lint(read(file.to_bytes()), Settings())
