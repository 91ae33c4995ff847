"""What the files of a run are for, and which names they import of one another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

from modlint import cache
from modlint.cache import Trace
from modlint.course.facts import CELLS, GRADING, REGION, Facts, Import
from modlint.course.kinds import Around, purpose_of
from modlint.notebook.kinds import Purpose
from modlint.settings import Settings

_STEM_ENDS = (".py", ".ipynb")
#: How a file was (None where it could have changed and look the same), its content, its facts.
_Kept = tuple[cache.Signature, bytes, tuple[object, ...]]


class Survey:
    """The facts of all files of a run. What is looked at is noted in ``trace``.

    ``name`` is that under which they are kept between runs; they are not where it is empty.
    """

    def __init__(self, paths: Iterable[str], trace: Trace, name: str = "") -> None:
        self.trace = trace
        self.facts: dict[str, Facts] = {}
        self._kept: dict[str, _Kept] = {}
        key = (os.getcwd(), cache.program()) if name else ()
        known = cache.load(name, key) if name else None
        self._shown: dict[str, str] = {}  # the path by which the run knows a file
        for path in paths:
            whole = os.path.abspath(path)
            self._shown[whole] = path
            self._read(whole, known or {})
        if name and self._kept != known:
            cache.save(name, key, self._kept)
        self._index = _Index(self.facts)
        self._is_graded = any(map(_has_grading, self.facts.values()))
        self._importers, self._imported = self._who_imports_whom()

    def purpose(self, path: str, settings: Settings, said: str = "") -> Purpose:
        """What the file at ``path`` is for; ``said`` is the kind that the user has named."""
        whole = os.path.abspath(path)
        paired = None
        if whole.endswith(".ipynb"):
            paired = self._paired(whole.removesuffix(".ipynb") + ".py", settings)
        importers = sorted(self._importers.get(whole, ()))
        shown = os.path.relpath(importers[0]) if importers else ""
        around = Around(
            shown,
            paired,
            settings.grader_config.folders,
            lambda place: self.trace.look(place) is not None,
        )
        facts = self.facts.get(whole) or self._read(whole, {})
        found = purpose_of(whole, facts, around, settings.is_test_name, said)
        imported = tuple(sorted(self._imported.get(whole, ())))
        config = settings.grader_config
        graded = self._is_graded or _has_grading(facts) or bool(said or config.path)
        return replace(found, imported=imported, importers=len(importers), is_graded=graded)

    def _paired(self, path: str, settings: Settings) -> Purpose | None:
        """What the ``.py`` beside a notebook is for; None where it is no pair of it."""
        if path not in self.facts:
            if not isinstance(self.trace.look(path), tuple):
                return None
            self._read(path, {})
        return self.purpose(path, settings) if self.facts[path].shape == CELLS else None

    def _read(self, path: str, known: Mapping[str, _Kept]) -> Facts:
        shown = self._shown.get(path, path)
        now = self.trace.look(shown)
        seen, content, data = known.get(path, (None, b"", ()))
        if not data or seen != now:
            read = [cache.contents(path) or b""]
            before, content = content, cache.digest(*read)
            if not data or content != before:
                from modlint.course.reading import facts_of

                data = facts_of(read, path).data
        self._kept[path] = (None if shown in self.trace.young else now, content, data)
        self.facts[path] = facts = Facts.from_data(data)
        return facts

    def _who_imports_whom(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """For each file the files of the run that import it, and the names that they import."""
        importers: dict[str, set[str]] = {}
        imported: dict[str, set[str]] = {}
        for path, facts in self.facts.items():
            for each in facts.imports:
                for target, names in self._targets(path, each):
                    importers.setdefault(target, set()).add(path)
                    imported.setdefault(target, set()).update(names)
        return importers, imported

    def _targets(self, path: str, each: Import) -> Iterable[tuple[str, tuple[str, ...]]]:
        """The files that one import means, each with the names that it takes of it."""
        for target in self._index.files(path, each.module):
            if each.alias is None:
                yield target, each.names
            elif not each.alias:
                yield target, ("*",)
            else:
                yield target, _attributes(path, each.alias)
        # `from package import module`
        dot = "" if each.module.endswith(".") else "."
        for name in each.names:
            for target in self._index.files(path, f"{each.module}{dot}{name}"):
                yield target, _attributes(path, name)


def _has_grading(facts: Facts) -> bool:
    """Whether a file speaks to nbgrader: tests of a project that does not are not to be graded."""
    return any(sign in (GRADING, REGION) for sign, _ in facts.signs)


def _attributes(path: str, alias: str) -> tuple[str, ...]:
    """What the file at ``path`` takes from the module that it knows as ``alias``."""
    from modlint.course.reading import attributes_of, text_of

    return attributes_of(text_of(cache.contents(path) or b"", path), alias)


def purpose_of_text(
    path: str, data: bytes, settings: Settings, said: str = "", trace: Trace | None = None
) -> Purpose:
    """What a text is for that stands in no file yet, or not as it is there, named ``path``."""
    from modlint.course.reading import facts_of

    survey = Survey((), trace or Trace())
    survey.facts[os.path.abspath(path)] = facts_of([data], path)
    return survey.purpose(path, settings, said)


class _Index:
    """Finds the files that the name of a module may mean."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self.by_path = set(facts)
        self.by_stem: dict[str, list[str]] = {}
        self.by_target: dict[str, list[str]] = {}
        for path, found in facts.items():
            stem = os.path.splitext(os.path.basename(path))[0]
            if stem == "__init__":
                stem = os.path.basename(os.path.dirname(path))
            self.by_stem.setdefault(stem, []).append(path)
            if found.target:
                self.by_target.setdefault(found.target.rpartition(".")[2], []).append(path)
        self.targets = {path: found.target for path, found in facts.items() if found.target}

    def files(self, importer: str, module: str) -> list[str]:
        """The files of the run that ``module``, as ``importer`` names it, may mean."""
        name = module.lstrip(".")
        if len(name) < len(module):
            return self._beside(importer, len(module) - len(name), name)
        last = name.rpartition(".")[2]
        found = [path for path in self.by_target.get(last, ()) if self._exports_to(path, name)]
        stems = self.by_stem.get(last, ())
        if "." in name:
            tail = os.sep + name.replace(".", os.sep)
            found += [path for path in stems if _without_ending(path).endswith(tail)]
        elif stems:
            beside = [p for p in stems if os.path.dirname(p) == os.path.dirname(importer)]
            found += beside or stems
        return [path for path in dict.fromkeys(found) if path != importer]

    def _beside(self, importer: str, level: int, name: str) -> list[str]:
        """What a relative import means."""
        folder = importer
        for _ in range(level):
            folder = os.path.dirname(folder)
        stem = os.path.join(folder, *name.split(".")) if name else os.path.join(folder, "__init__")
        found = [stem + ending for ending in _STEM_ENDS if stem + ending in self.by_path]
        return [path for path in found if path != importer]

    def _exports_to(self, path: str, module: str) -> bool:
        target = self.targets[path]
        return module == target or module.endswith(f".{target}")


def _without_ending(path: str) -> str:
    stem = os.path.splitext(path)[0]
    return os.path.dirname(stem) if os.path.basename(stem) == "__init__" else stem
