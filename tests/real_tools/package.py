"""The real nbdev: what it makes of percent modules, and whether Python can import that.

nbdev 2.4. The modules become notebooks by jupytext, nbdev exports them into a package
in a temporary folder, and a child process imports it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbdev.export import nb_export

#: What a project needs for the console script ``nbdev_export``.
_SETTINGS = """[DEFAULT]
repo = course
lib_name = course
version = 0.0.1
min_python = 3.9
license = mit
nbs_path = nbs
lib_path = {name}
doc_path = _docs
recursive = True
branch = main
custom_sidebar = False
title = course
description = a course
keywords = course
author = author
author_email = author@example.com
copyright = author
user = course
status = 3
black_formatting = False
"""


@dataclass(frozen=True)
class Package:
    """A package that nbdev wrote: ``folder`` holds it, ``name`` is what to import."""

    folder: Path
    name: str
    warnings: tuple[str, ...] = ()

    def text(self, module: str) -> str:
        """The text of one module of the package, ``core.tensor``."""
        return self._path(module).read_text("utf-8")

    def has(self, module: str) -> bool:
        """Whether nbdev wrote the module."""
        return self._path(module).exists()

    def _path(self, module: str) -> Path:
        return self.folder / self.name / (module.replace(".", "/") + ".py")

    def run(self, code: str, timeout: float = 60) -> tuple[int, str]:
        """Exit code and last line of stderr (or stdout) of ``code`` in a child process."""
        found = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return found.returncode, (found.stderr or found.stdout).strip().rpartition("\n")[2]

    def imported(self, module: str) -> str:
        """How the import of one module ends: empty, or the error's last line."""
        code, line = self.run(f"import {self.name}.{module}")
        return line if code else ""


def exported(folder: Path, *modules: str, name: str = "course") -> Package:
    """The package that ``nb_export`` makes of percent texts (or of ``.ipynb`` texts)."""
    library = folder / name
    library.mkdir(parents=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for number, text in enumerate(modules):
            nb_export(str(_notebook(folder, f"{number:02}", text)), lib_path=str(library))
    for path in (library, *(p for p in library.rglob("*") if p.is_dir())):
        (path / "__init__.py").touch()
    return Package(folder, name, tuple(str(w.message) for w in caught if w.category is UserWarning))


def nbdev_export(folder: Path, *modules: str) -> tuple[int, str]:
    """Exit code and last line of what the console script says to a project of these modules."""
    (folder / "nbs").mkdir()
    (folder / "course").mkdir()
    (folder / "course" / "__init__.py").write_text('__version__ = "0.0.1"\n', "utf-8")
    (folder / "settings.ini").write_text(_SETTINGS.format(name="course"), "utf-8")
    for number, text in enumerate(modules):
        _notebook(folder / "nbs", f"{number:02}", text)
    script = "from nbdev.doclinks import nbdev_export; nbdev_export()"
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return found.returncode, (found.stderr or found.stdout).strip().rpartition("\n")[2]


def _notebook(folder: Path, stem: str, text: str) -> Path:
    path = folder / f"{stem}.ipynb"
    if text.lstrip().startswith("{"):
        path.write_text(text, "utf-8")
    else:
        notebook = jupytext.reads(text, {"extension": ".py", "format_name": "percent"})
        jupytext.write(notebook, path)
    return path
