"""The regression target: the review's faults, on the review's lines, and their repair.

The table is typed by hand from the review and from the fixture's description;
it is never taken from modlint's output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from modlint.modules import Checked, check_path
from modlint.output.diff import render as render_diff
from modlint.settings import Settings
from support import REFERENCE, ROOT, Run

#: Review section 2: test functions called at module level.
TEST_CALLS = [496, 596, 890, 1090, 1264, 1610]
#: Review section 4: the print below the imports.
PRINTS = [77]
#: Review section 4: the motivation demo, whose first statement is the import on 89.
DEMOS = [89]
#: Review sections 5 and 7: analysis functions run on import; section 4: so does the demo function.
DEMO_CALLS = [1297, 1321, 1482]
#: Review section 1: tests without nbgrader metadata.
UNGRADED_TESTS = [470, 578, 853, 1048, 1233]
#: The markers of the review's pattern, which lack required keys.
INCOMPLETE_METADATA = [406, 543, 710, 988, 1155, 1491]
#: Review sections 4 and 9: quantize_model, annotated ``Dict[str, any]``.
CONFLICTS = [1714]
BUILTINS_AS_TYPES = [1714]

#: Beyond the review: what the class that nbdev exports (its cell begins at 1640) calls, and what
#: no exported cell holds: the cells of quantize_int8, dequantize_int8, compare_model_sizes and
#: _quantize_in_place. The package imports; each of its calls ends in a NameError.
NOT_EXPORTED = [406, 543, 1155, 1618]

EXPECTED = sorted(
    [(row, "IMP001") for row in TEST_CALLS]
    + [(row, "IMP002") for row in PRINTS]
    + [(row, "IMP004") for row in DEMOS]
    + [(row, "IMP003") for row in DEMO_CALLS]
    + [(row, "NBG001") for row in UNGRADED_TESTS]
    + [(row, "NBG002") for row in INCOMPLETE_METADATA]
    + [(row, "SIG002") for row in CONFLICTS]
    + [(row, "SIG003") for row in BUILTINS_AS_TYPES]
    + [(row, "EXP003") for row in NOT_EXPORTED]
)


def check(path: Path) -> Checked:
    result = check_path(str(path), Settings())
    assert isinstance(result, Checked)
    return result


def script_output(path: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(path.parents[2]), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, path.name],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_check_finds_the_faults_of_the_review_and_no_others() -> None:
    assert sorted((d.start.row, d.code) for d in check(REFERENCE).diagnostics) == EXPECTED


def test_the_demo_is_reported_from_its_first_line_to_its_last() -> None:
    demo = next(d for d in check(REFERENCE).diagnostics if d.code == "IMP004")
    assert (demo.start.row, demo.end.row) == (89, 139)


def test_the_conflict_names_both_lines_and_shows_both_signatures() -> None:
    conflict = next(d for d in check(REFERENCE).diagnostics if d.code == "SIG002")
    assert "line 989" in conflict.message
    assert "-> None" in conflict.message
    assert "-> Dict[str, any]" in conflict.message
    assert conflict.fix is not None
    assert len(conflict.fix.alternatives) == 2


def test_fix_leaves_nothing_that_is_safely_fixable(modlint: Run, reference: Path) -> None:
    result = modlint("fix", "--apply", reference)
    left = [(d.code, d.fix and str(d.fix.applicability)) for d in check(reference).diagnostics]
    assert left == [("EXP003", "unsafe")] * 4 + [("SIG002", "display-only")]
    assert result.exit_code == 1  # what to export, and the conflict, are left for the author


def test_the_fixed_module_is_silent_on_import(modlint: Run, reference: Path) -> None:
    modlint("fix", "--apply", reference)
    probe = (
        "import sys, quantization_dev as m\n"
        "sys.exit(any(n.startswith('demo_motivation') for n in vars(m)) != 1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=reference.parent,
        env={**os.environ, "PYTHONPATH": str(reference.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_fixed_module_prints_as_a_script_what_it_printed_before(
    modlint: Run, reference: Path
) -> None:
    before = script_output(reference)
    modlint("fix", "--apply", reference)
    assert script_output(reference) == before
    assert len(before.splitlines()) > 50


def test_fixing_again_changes_nothing(modlint: Run, reference: Path) -> None:
    modlint("fix", "--apply", reference)
    fixed = reference.read_bytes()
    again = modlint("fix", "--apply", reference)
    assert reference.read_bytes() == fixed
    assert "Nothing to fix" in again.stderr


@pytest.mark.parametrize("kind", ["check.txt", "fix.diff"])
def test_golden(modlint: Run, reference: Path, kind: str) -> None:
    """What a user sees. After a wanted change, write the files anew (see CONTRIBUTING)."""
    name = str(REFERENCE.relative_to(ROOT))
    before = check(reference)
    if kind == "check.txt":
        text = modlint("check", name).stdout
    else:
        modlint("fix", "--apply", reference)
        text = render_diff(name, before.file.text, check(reference).file.text)
    text = click.unstyle(text)
    golden = ROOT / "tests" / "golden" / f"quantization_dev.{kind}"
    if os.environ.get("MODLINT_WRITE_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
