"""The README says what is so: its table of rules, and the figures of its examples."""

from __future__ import annotations

import re
from pathlib import Path

import click

from modlint.rules import all_rules
from support import REFERENCE, ROOT, Run

README = (ROOT / "README.md").read_text("utf-8")
CODE = re.compile(r"([A-Z]{3})(\d{3})(?: – [A-Z]{3}(\d{3}))?")


def test_the_table_names_every_rule_and_no_other() -> None:
    named: set[str] = set()
    for row in re.findall(r"^\| \*\*[A-Z]{3}\*\* .*$", README, re.MULTILINE):
        for family, first, last in CODE.findall(row):
            numbers = range(int(first), int(last or first) + 1)
            named |= {f"{family}{number:03}" for number in numbers}
    assert named == {rule.code for rule in all_rules()}


def test_the_example_shows_what_check_prints(modlint: Run) -> None:
    printed = modlint("check", REFERENCE).stdout.replace(f"{ROOT}/", "")
    example = README.partition("$ modlint check fixtures/modules\n")[2].partition("\n\n")[0]
    head, _, last = example.partition("\n…\n")
    lines = click.unstyle(printed).splitlines()
    assert lines[-1] == last
    for line in head.splitlines():
        assert line in lines


def test_the_example_ends_as_fix_does(modlint: Run) -> None:
    said = modlint("fix", REFERENCE).stderr.strip()
    assert said.splitlines()[-1] in README


def test_what_stands_on_which_stream(modlint: Run, tmp_path: Path) -> None:
    """As the README says."""
    (tmp_path / "m.py").write_text("# %%\nprint(1)\n")
    for command in ("check", "verify"):
        result = modlint(command, "m.py")
        assert result.stdout.splitlines()[-1].startswith("Found 1 problem")
        assert "Found" not in result.stderr
    result = modlint("fix", "m.py")
    assert result.stdout.startswith("--- m.py")
    assert result.stderr.startswith("Would apply 1 fix")


def test_what_counts_in_a_folder(modlint: Run, tmp_path: Path) -> None:
    """As the README says."""
    for name in ("a.py", "b.ipynb", "c.txt", ".d.py", "build/e.py", "f.py", "old/g.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("f.py\n")
    (tmp_path / "modlint.toml").write_text("exclude = ['old/']\ninclude = ['a.py']\n")
    assert modlint("check", "--show-files").stdout == "a.py: module (said by the user)\n"
    assert modlint("check", "--show-files", ".").stdout.splitlines() == [
        "a.py: module (said by the user)",
        "b.ipynb: module (said by the user)",
    ]
