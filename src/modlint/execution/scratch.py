"""A folder that looks like the module's own and is thrown away after the run.

It holds a copy of the module; everything around it is a link to the real thing, which
becomes a copy when it is written to (see :func:`modlint.execution.child.watch.own`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: What stands in the top folder of a project.
_PROJECT = (".git", "pyproject.toml", "modlint.toml", "setup.py", "settings.ini")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a module stands: the folders from which it can import, its own first.

    ``top`` is the folder above all of them; ``package`` the dotted package that the module
    is a part of ("" for none).
    """

    path: Path
    top: Path
    search: tuple[Path, ...]
    package: str


@dataclass(frozen=True, slots=True)
class Scratch:
    """A scratch folder: ``root`` holds the copy of the top folder as ``top``."""

    root: Path
    top: Path
    surroundings: Surroundings

    def twin(self, path: Path) -> Path:
        """The place in the scratch folder of a real path."""
        return self.top / path.relative_to(self.surroundings.top)


def surroundings_of(path: str, packages: Iterable[str]) -> Surroundings:
    """Where the module ``path`` finds the first-party ``packages``: in the nearest folders above.

    A module that is itself a part of a package is found from the folder that holds it.
    """
    real = Path(os.path.abspath(path))
    folder = real.parent
    package: list[str] = []
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        package.insert(0, folder.name)
        folder = folder.parent
    search = [folder]
    for name in packages:
        holders = (f for f in (folder, *folder.parents) if _holds(f, name))
        if (holder := next(holders, None)) is not None and holder not in search:
            search.append(holder)
    project = next((f for f in (folder, *folder.parents) if _is_project(f)), folder)
    top = min((*search, project), key=lambda f: len(f.parts))
    return Surroundings(real, top, tuple(search), ".".join(package))


def _holds(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or (folder / f"{name}.py").is_file()


def _is_project(folder: Path) -> bool:
    return any((folder / name).exists() for name in _PROJECT)


@contextmanager
def scratch_for(surroundings: Surroundings, text: bytes) -> Iterator[Scratch]:
    """The scratch folder of one run, with ``text`` as the content of the module."""
    root = Path(os.path.realpath(tempfile.mkdtemp(prefix="modlint-")))
    try:
        scratch = Scratch(root, root / "top", surroundings)
        for name in ("top", "home", "tmp"):
            (root / name).mkdir()
        here = surroundings.top
        for step in surroundings.path.relative_to(here).parts:
            for entry in os.scandir(here) if here.is_dir() else ():
                if entry.name != step:
                    os.symlink(entry.path, scratch.twin(Path(entry.path)))
            here = here / step
            if here != surroundings.path:
                scratch.twin(here).mkdir()
        scratch.twin(here).write_bytes(text)
        yield scratch
    finally:
        shutil.rmtree(root, ignore_errors=True)
