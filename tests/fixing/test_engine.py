"""The engine: every fix is proven, the one at fault is named and left out, the others are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from fixing.running import IMP, fixing
from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Severity
from modlint.fixing import engine
from modlint.linting import judged
from modlint.linting.asking import found_by
from modlint.notebook.cell import Cell
from modlint.notebook.reading import read
from modlint.rules.base import CellRule, Rule
from modlint.settings import Settings

GUARD = 'if __name__ == "__main__":\n'
TEXT = "# %%\n# keep\nprint('a')\n# %%\nprint('b')\n"


class Planted(CellRule):
    """A rule that reports each cell holding ``word``, with a fix made by hand."""

    code = "XXX001"
    name = "planted"
    severity = Severity.WARNING

    def __init__(
        self,
        word: str,
        change: Callable[[str], str],
        declares: Change = Change.GUARDS,
        applicability: Applicability = Applicability.SAFE,
    ) -> None:
        self.word, self.change = word, change
        self.declares, self.applicability = declares, applicability

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic a cell that holds the word."""
        if self.word in cell.source:
            new = Patch({index: (replace(cell, source=self.change(cell.source)),)})
            yield self.on_marker(module, index, "planted", self._fix(new))

    def _fix(self, new: Patch) -> Fix:
        return Fix(self.applicability, "mend it", lambda: new, self.declares)


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[..., engine.Outcome]:
    """Fix a text with the given rules and no others."""

    def run(text: str, *rules: Rule, unsafe: bool = False) -> engine.Outcome:
        def found_in(module: Module) -> list[Diagnostic]:
            return sorted(found_by(rules, module), key=lambda d: d.sort_key)

        monkeypatch.setattr(engine, "judged", found_in)
        module = Module(read(text.encode()), IMP)
        return engine.fix(module.file, found_in(module), IMP, unsafe=unsafe)

    return run


Plant = Callable[..., engine.Outcome]


def _guarded(source: str) -> str:
    return source.replace("print(", GUARD + "    print(")


FAULTY: dict[str, tuple[Callable[[str], str], str]] = {
    "loses a comment": (lambda s: s.replace("# keep\n", ""), "would lose the comment '# keep'"),
    "changes a string": (lambda s: s.replace("'a'", "'z'"), "would change a statement"),
    "requotes a string": (lambda s: s.replace("'a'", '"a"'), "would change the text of a string"),
    "drops a statement": (lambda s: s.replace("print('a')\n", ""), "would change a statement"),
    "breaks parsing": (lambda s: s.replace("print(", "print(("), "does not parse"),
    "adds a statement": (lambda s: s + "import os\n", "would change a statement"),
}


@pytest.mark.parametrize(("change", "why"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_fix_is_named_and_the_file_kept(
    plant: Plant, change: Callable[[str], str], why: str
) -> None:
    outcome = plant(TEXT, Planted("'a'", change))
    assert outcome.file.text == TEXT
    assert outcome.applied == []
    assert [d.code for d in outcome.remaining] == ["XXX001"]
    assert outcome.fault.startswith("the fix of XXX001 at line 1 ")
    assert why in outcome.fault


def test_a_faulty_fix_keeps_no_good_one_back(plant: Plant) -> None:
    good = Planted("print('b')\n", lambda s: s.replace("print('b')\n", GUARD + "    print('b') \n"))
    bad = Planted("'a'", lambda s: s.replace("# keep\n", ""))
    outcome = plant(TEXT, bad, good)
    assert outcome.file.text == TEXT.replace("print('b')\n", GUARD + "    print('b') \n")
    assert len(outcome.applied) == 1
    (refused,) = outcome.refused
    assert (refused.code, refused.place) == ("XXX001", "line 1")
    assert "would lose the comment" in refused.why
    assert [(d.code, d.fix) for d in outcome.remaining] == [("XXX001", None)]


def test_the_fault_names_the_line_of_the_file_as_it_is(plant: Plant) -> None:
    good = Planted("print('b')\n", lambda s: s.replace("print('b')\n", GUARD + "    print('b') \n"))
    bad = Planted("'a'", lambda s: s.replace("# keep\n", ""))
    text = "# %%\nprint('b')\n# %%\n# keep\nprint('a')\n"
    outcome = plant(text, bad, good)
    assert outcome.file.text == text.replace("print('b')\n", GUARD + "    print('b') \n")
    assert "line 3 would lose the comment" in outcome.fault


def test_a_fault_of_a_later_pass_names_the_line_of_the_file_as_it_was(plant: Plant) -> None:
    """The bad fix comes to light once the good one has moved its line."""
    good = Planted("print('b')\n", lambda s: s.replace("print('b')\n", GUARD + "    print('b') \n"))
    bad = _Later("'a'", lambda s: s.replace("# keep\n", ""))
    text = "# %%\nprint('b')\n# %%\n# keep\nprint('a')\n"
    good.code = "XXX002"  # type: ignore[misc]
    outcome = plant(text, bad, good)
    assert [a.code for a in outcome.applied] == ["XXX002"]
    assert "line 3 would lose the comment" in outcome.fault


class _Later(Planted):
    """Found by another name once a guard is there."""

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """Offers its fix behind a guard only."""
        for diagnostic in super().check_cell(module, index, cell):
            has_guard = GUARD in module.file.text
            yield diagnostic if has_guard else replace(diagnostic, fix=None)


def test_each_of_many_faulty_fixes_is_named_and_all_good_ones_are_made(plant: Plant) -> None:
    cells = [f"# %%\n# keep {n}\nprint({n})\n" for n in range(30)]
    bad = {3, 4, 17, 29}

    def change(source: str) -> str:
        number = int(source.split()[2])
        guarded = _guarded(source)
        return guarded.replace(f"# keep {number}\n", "") if number in bad else guarded

    outcome = plant("".join(cells), Once("print(", change))
    assert [r.place for r in outcome.refused] == [f"line {3 * n + 1}" for n in sorted(bad)]
    assert len(outcome.applied) == 30 - len(bad)
    for number in range(30):
        assert f"# keep {number}\n" in outcome.file.text
        is_guarded = f"{GUARD}    print({number})" in outcome.file.text
        assert is_guarded is (number not in bad)


class Once(Planted):
    """A rule that is content with a guard."""

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """One diagnostic a cell that has no guard."""
        for diagnostic in super().check_cell(module, index, cell):
            if GUARD not in module.file.cells[diagnostic.cell].source:
                yield diagnostic


def test_a_rewrite_that_crashes_is_left_out_alone(plant: Plant) -> None:
    class Crashing(Once):
        """Its fix raises what no fix should."""

        def _fix(self, new: Patch) -> Fix:
            def rewrite() -> Patch:
                raise KeyError("gone")

            return Fix(Applicability.SAFE, "mend it", rewrite, Change.GUARDS)

    good = Once("'b'", _guarded)
    good.code = "XXX002"  # type: ignore[misc]
    outcome = plant(TEXT, Crashing("'a'", str), good)
    assert [a.code for a in outcome.applied] == ["XXX002"]
    assert [r.why for r in outcome.refused] == [
        "cannot be made: internal error of modlint: KeyError: 'gone'"
    ]


def test_two_fixes_that_only_fail_together_are_made_one_after_the_other(plant: Plant) -> None:
    """Of two fixes that bring a third problem together the second waits, and is then seen alone."""
    one = Once("'a'", _guarded)
    two = Once("'b'", _guarded)
    two.code = "XXX002"  # type: ignore[misc]

    class Both(Planted):
        """Finds that both were guarded in one pass."""

        def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
            if index == 0 and module.file.text.count(GUARD) == 2:
                yield self.on_marker(module, 0, "both", None)

    both = Both("", str)
    both.code = "XXX003"  # type: ignore[misc]
    outcome = plant(TEXT, one, two, both)
    assert [a.code for a in outcome.applied] == ["XXX001"]
    assert [(r.code, r.why) for r in outcome.refused] == [("XXX002", "would bring a new XXX003")]


def test_unsafe_fixes_take_no_safe_one_away(plant: Plant) -> None:
    safe = Once("'b'", _guarded)
    unsafe = Once("'a'", lambda s: s.replace("# keep\n", ""), applicability=Applicability.UNSAFE)
    unsafe.code = "XXX002"  # type: ignore[misc]
    outcome = plant(TEXT, safe, unsafe, unsafe=True)
    assert [a.code for a in outcome.applied] == ["XXX001"]
    assert [r.code for r in outcome.refused] == ["XXX002"]
    assert outcome.file.text == plant(TEXT, safe, unsafe).file.text


@pytest.mark.parametrize("number", [2, 120])
def test_many_fixes_of_one_cell_are_made_in_one_pass(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    checks: list[Module] = []

    def counted(module: Module) -> list[Diagnostic]:
        checks.append(module)
        return judged(module)

    monkeypatch.setattr(engine, "judged", counted)
    lines = [f"X{n} = {n}\nprint(X{n})\n\ndef f{n}():\n    return X{n}\n\n" for n in range(number)]
    outcome = fixing("# %%\n" + "".join(lines))
    assert (outcome.fault, outcome.remaining) == ("", [])
    assert len(outcome.applied) == outcome.file.text.count(GUARD) == number
    assert len(checks) == 1


def test_fixes_that_undo_one_another_are_stopped(plant: Plant) -> None:
    text = "# %%\nx = 1\n\nprint('a')\n"
    there = Planted("1\n\nprint", lambda s: s.replace("\n\n", "\n\n\n"), Change.MARKER)
    back = Planted("1\n\n\nprint", lambda s: s.replace("\n\n\n", "\n\n"), Change.MARKER)
    back.code = "XXX002"  # type: ignore[misc]
    outcome = plant(text, there, back)
    assert outcome.file.text == text
    assert outcome.applied == []
    assert outcome.fault == "the fix of XXX001 at line 1 and that of XXX002 undo one another"


def test_fixes_that_never_come_to_rest_are_stopped(plant: Plant) -> None:
    text = "# %%\nx = 1\n\nprint('a')\n"
    outcome = plant(text, *_endless())
    assert outcome.file.text == text
    passes = f"in {engine.MAX_PASSES} passes"
    assert outcome.fault == f"the fix of XXX000 at line 1 does not come to rest {passes}"


def _endless() -> list[Rule]:
    """Two rules that hand a cell to each other, a blank line longer every time."""
    rules: list[Rule] = []
    for parity in (0, 1):
        rule = _Parity("1\n", lambda s: s.replace("1\n", "1\n\n"), Change.MARKER)
        rule.code, rule.parity = f"XXX00{parity}", parity  # type: ignore[misc]
        rules.append(rule)
    return rules


class _Parity(Planted):
    parity = 0

    def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
        """Report where the number of lines is the rule's."""
        if module.file.text.count("\n") % 2 == self.parity:
            yield from super().check_cell(module, index, cell)


def test_a_fix_that_mends_nothing_is_stopped(plant: Plant) -> None:
    outcome = plant(TEXT, Planted("print", lambda s: s.replace("print(", "print( ")))
    assert outcome.file.text == TEXT
    assert "mends nothing" in outcome.fault


def test_a_fix_that_brings_another_fault_is_stopped(plant: Plant) -> None:
    mend = Planted("print('a')\n", lambda s: s.replace("print('a')\n", "print('a') \n"))
    other = Planted("print('a') \n", lambda s: s)
    other.code = "XXX002"  # type: ignore[misc]
    outcome = plant(TEXT, mend, other)
    assert outcome.file.text == TEXT
    assert "would bring a new XXX002" in outcome.fault


def test_a_fix_that_makes_a_marker_is_stopped(plant: Plant) -> None:
    text = "# %%\nx = 1\nprint('a')\n"
    outcome = plant(text, Planted("'a'", lambda s: s.replace("print", "# %%\nprint")))
    assert outcome.file.text == text
    assert "does not read back as the cells it meant" in outcome.fault


@pytest.mark.parametrize("applicability", [Applicability.UNSAFE, Applicability.DISPLAY])
def test_only_safe_fixes_are_applied_unasked(plant: Plant, applicability: Applicability) -> None:
    rule = Planted("print(", _guarded, applicability=applicability)
    outcome = plant(TEXT, rule)
    assert (outcome.file.text, outcome.fault, outcome.applied) == (TEXT, "", [])
    assert len(outcome.remaining) == 2


def test_fixes_of_several_cells_and_of_one_cell_are_all_made() -> None:
    text = "# %%\nprint('a')\nx = 1\nimport os.path\nprint('b')\nY = [x, os]\n# %%\nassert 1\n"
    outcome = fixing(text)
    assert outcome.fault == ""
    assert outcome.remaining == []
    assert outcome.file.text.count(GUARD) == 3
    assert {a.code for a in outcome.applied} == {"IMP002", "IMP004"}


@pytest.mark.parametrize("metadata_first", [True, False])
def test_metadata_and_text_of_a_cell_are_mended_in_one_pass(
    monkeypatch: pytest.MonkeyPatch, metadata_first: bool
) -> None:
    text = (
        '# %% nbgrader={"grade": false, "grade_id": "a", "locked": false, "solution": false}\n'
        "print(1)\n"
    )
    checks: list[Module] = []

    def counted(module: Module) -> list[Diagnostic]:
        checks.append(module)
        return judged(module)

    monkeypatch.setattr(engine, "judged", counted)
    settings = Settings(select=("IMP002", "NBG002"))
    module = Module(read(text.encode()), settings)
    found = sorted(judged(module), key=lambda d: d.code, reverse=metadata_first)
    assert {d.code for d in found} == {"IMP002", "NBG002"}
    outcome = engine.fix(module.file, found, settings, module=module)
    assert not outcome.fault
    assert len(checks) == 1
    assert [applied.code for applied in outcome.applied] == [d.code for d in found]
    assert '"schema_version": 3' in outcome.file.text
    assert outcome.file.text.endswith(f"{GUARD}    print(1)\n")


def test_what_changes_more_of_a_cell_than_its_text_waits_for_the_next_pass(plant: Plant) -> None:
    class Split(Planted):
        """Makes two cells of one."""

        def _fix(self, new: Patch) -> Fix:
            (cell,) = new.cells[0]
            first, second = cell.source.splitlines(keepends=True)
            below = replace(cell, source=second, marker="# %%\n", metadata={})
            cells = (replace(cell, source=first), below)
            return super()._fix(Patch({0: cells}))

    class Marked(Planted):
        """Writes other metadata."""

        def check_cell(self, module: Module, index: int, cell: Cell) -> Iterator[Diagnostic]:
            if index == 0 and '"b"' not in (cell.marker or ""):
                new = replace(cell, marker='# %% tags=["b"]\n', metadata={"tags": ["b"]})
                yield self.on_marker(module, 0, "planted", self._fix(Patch({0: (new,)})))

    for rules in (
        (Split("x = 1\ny", str, Change.CELLS), Marked("", str, Change.METADATA)),
        (Marked("", str, Change.METADATA), Split("x = 1\ny", str, Change.CELLS)),
    ):
        outcome = plant("# %%\nx = 1\ny = 2\n", *rules)
        assert outcome.fault == ""
        assert outcome.file.text == '# %% tags=["b"]\nx = 1\n# %%\ny = 2\n'
        assert len(outcome.applied) == 2


def test_a_file_without_faults_is_the_same_object() -> None:
    file = read(b"# %%\nx = 1\n")
    outcome = engine.fix(file, [], IMP)
    assert outcome.file is file
    assert (outcome.applied, outcome.remaining, outcome.fault) == ([], [], "")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf# %%\nprint('a')\n",
        b"# %%\r\nprint('a')\r\n",
        b"# %%\nprint('a')",
        b"# -*- coding: latin-1 -*-\n# %%\nprint('\xe4')\n",
    ],
    ids=["byte order mark", "Windows lines", "no final newline", "latin-1"],
)
def test_bytes_outside_the_fix_stay(data: bytes) -> None:
    from modlint.linting import lint

    file = read(data)
    outcome = engine.fix(file, lint(file, IMP), IMP)
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    head, call = data.split(b"print(")
    guard = b'if __name__ == "__main__":' + newline + b"    print("
    assert outcome.file.to_bytes() == head + guard + call
