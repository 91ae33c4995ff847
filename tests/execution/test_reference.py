"""The reference module, run: it acts on the review's lines, and once fixed on none."""

from __future__ import annotations

import json
from pathlib import Path

from execution.seeing import LIMITS
from modlint.analysis.module import Module
from modlint.execution.running import Subject
from modlint.notebook.reading import read
from modlint.settings import Settings
from support import REFERENCE, Run
from test_reference_fixture import DEMO_CALLS, PRINTS, TEST_CALLS

#: The statements of the demo (87 to 140) that print, or use the profiler and the layers.
DEMO_STATEMENTS = [91, 93, 94, 105, 114, 115, 121, 131, 132, 133, 138, 139]


def acting_rows(modlint: Run, path: Path) -> list[int]:
    result = modlint("verify", path, "--output-format", "json")
    found = json.loads(result.stdout)
    assert {entry["code"] for entry in found} <= {"RUN001"}
    return [entry["location"]["row"] for entry in found]


def test_it_acts_on_the_lines_of_the_review(modlint: Run) -> None:
    expected = sorted(PRINTS + DEMO_STATEMENTS + TEST_CALLS + DEMO_CALLS)
    assert acting_rows(modlint, REFERENCE) == expected


def test_after_the_verified_fix_it_is_silent_and_prints_the_same(
    modlint: Run, reference: Path
) -> None:
    original = Module(read(reference.read_bytes()), Settings())
    before = Subject(original, str(reference), LIMITS).script()
    result = modlint("fix", "--apply", "--verify", reference)
    assert f"{reference}: verified: silent on import" in result.stderr
    assert acting_rows(modlint, reference) == []
    fixed = Module(read(reference.read_bytes()), Settings())
    after = Subject(fixed, str(reference), LIMITS).script()
    assert (after.stdout, after.stderr, after.status) == (before.stdout, "", 0)
    assert len(after.stdout.splitlines()) > 50


def test_its_tests_pass_and_the_script_calls_them(modlint: Run) -> None:
    assert "passed: test_unit_quantize_int8, " in (told := modlint("verify", REFERENCE).stderr)
    assert ";" not in told
