"""``--statistics``: the mark of each rule."""

from __future__ import annotations

import pytest

from modlint.diagnostics import Applicability, Position, Severity
from modlint.output.statistics import render
from modlint.reports import Finding, Repair, Report

SAFE, UNSAFE, DISPLAY = Applicability


@pytest.mark.parametrize(
    ("fixes", "mark"),
    [
        ([SAFE, SAFE], "[*]"),
        ([UNSAFE, SAFE], "[-]"),
        ([UNSAFE, DISPLAY, SAFE], "[?]"),
        ([DISPLAY, None, SAFE], "[ ]"),
    ],
)
def test_a_rule_has_the_mark_of_its_weakest_fix(
    fixes: list[Applicability | None], mark: str
) -> None:
    here = Position(1)
    findings = [
        Finding(
            "IMP001",
            "x",
            "runs",
            Severity.ERROR,
            0,
            here,
            here,
            Repair(fix, "Mend") if fix else None,
        )
        for fix in fixes
    ]
    report = Report("m.py", True, False, False, findings, b"")
    assert render([report], "concise").splitlines()[0] == f"{len(fixes)}  IMP001  {mark}  x"
