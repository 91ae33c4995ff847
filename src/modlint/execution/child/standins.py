"""What stands in the place of packages that are missing."""

from __future__ import annotations

import ast
import importlib.machinery
import inspect
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from .job import Report


class _StandInType(type):
    """Makes a class that has every attribute."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()


class StandIn(metaclass=_StandInType):
    """Takes the place of what a missing package would have: may be called, computed with, …"""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """As a decorator it changes nothing."""
        decorates = len(arguments) == 1 and not named and inspect.isroutine(arguments[0])
        return arguments[0] if decorates else StandIn()

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __contains__(self, _: object) -> bool:
        return False

    def __getitem__(self, key: object) -> Any:
        if isinstance(key, int):  # else what iterates by index would never end
            raise IndexError(key)
        return StandIn()

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __int__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    __index__ = __round__ = __int__

    def __format__(self, _: str) -> str:
        return "1"

    def _same(self, *_: Any) -> Any:
        return StandIn()

    def _yes(self, _: object) -> bool:
        return True

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _same
    __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _same
    __matmul__ = __rmatmul__ = __neg__ = __pos__ = __abs__ = __and__ = __or__ = __invert__ = _same
    __lt__ = __le__ = __gt__ = __ge__ = _yes


class StandIns:
    """Finds, last of all, a stand-in for each top-level package that the course misses.

    What other packages try to import and do without is theirs (``is_ours`` tells by the
    name of the importing module); so is ``optional``, what the module can do without.
    It has no base: to import ``importlib.abc`` takes a sixth of the time of a short run.
    """

    def __init__(
        self, report: Report, optional: set[str], is_ours: Callable[[object], bool]
    ) -> None:
        self.report = report
        self.optional = optional
        self.is_ours = is_ours
        self.made: set[str] = set()

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for a package that nobody else has found, and for what is in it."""
        root = name.partition(".")[0]
        if root not in self.made:
            if path is not None or root in self.optional or not self.is_ours(_importer()):
                return None
            self.made.add(root)
            self.report.send("mocked", name=root)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """A module in which every name is a class of stand-ins."""
        module = types.ModuleType(spec.name)

        def made(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (StandIn,), {"__module__": spec.name})

        module.__getattr__ = made  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to execute."""


def _importer() -> object:
    """The name of the module that an import is going on for."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame and str(frame.f_globals.get("__name__")).startswith(("importlib", "_frozen_")):
        frame = frame.f_back
    return frame.f_globals.get("__name__") if frame else None


def imported_roots(tree: ast.AST) -> Iterator[str]:
    """The top-level packages that a module imports absolutely, anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def optional_roots(tree: ast.AST) -> set[str]:
    """The packages that a module can do without: every import of them stands in a ``try``."""
    tried = [
        part
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and node.handlers
        for part in node.body
    ]
    counts = Counter(imported_roots(tree))
    counts.subtract(root for part in tried for root in imported_roots(part))
    return {root for root, needed in counts.items() if needed <= 0}
