"""``docs/local-rules.md`` is followed to the letter: its files are written, its commands run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from support import ROOT, Run

PAGE = (ROOT / "docs" / "local-rules.md").read_text("utf-8")
BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n"
    r"(?P<text>.*?)^(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


def test_the_document_is_followed(modlint: Run, tmp_path: Path) -> None:
    commands = 0
    for block in BLOCK.finditer(PAGE):
        if block["title"]:
            path = tmp_path / block["title"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block["text"])
        elif block["language"] == "console":
            for entry in block["text"].split("\n\n"):
                command, _, expected = entry.partition("\n")
                result = modlint(*shlex.split(command.removeprefix("$ modlint ")))
                said = result.output.replace(f"{tmp_path}/", "")
                assert said == expected.rstrip("\n") + "\n"
                commands += 1
    assert commands == 8


@pytest.fixture
def files(tmp_path: Path) -> None:
    """The files of the document."""
    for block in BLOCK.finditer(PAGE):
        if block["title"]:
            (tmp_path / block["title"]).parent.mkdir(exist_ok=True)
            (tmp_path / block["title"]).write_text(block["text"])


@pytest.mark.usefixtures("files")
def test_what_it_says_of_exit_statuses(modlint: Run) -> None:
    assert modlint("check").exit_code == 2
    assert modlint("check", "--local-rules", "course_rules").exit_code == 1
    assert modlint("rule", "--test", "--local-rules", "course_rules").exit_code == 0


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_the_rule_of_the_document_holds_on_any_line_ending(
    modlint: Run, tmp_path: Path, newline: str
) -> None:
    path = tmp_path / "training.py"
    before = path.read_bytes().replace(b"\n", newline.encode())
    path.write_bytes(before)
    fix = modlint("fix", "--apply", "--unsafe-fixes", "--local-rules", "course_rules")
    assert fix.exit_code == 0
    assert path.read_bytes() == before.replace(b"show_curve", b"plot_curve")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_the_shorter_examples_hold(modlint: Run, tmp_path: Path, newline: str) -> None:
    folder = tmp_path / "course_rules"
    forum = next(b["text"] for b in BLOCK.finditer(PAGE) if "class OldForum" in b["text"])
    imports = "from dataclasses import replace\nfrom collections.abc import Iterator\n"
    (folder / "crs002_old_forum.py").write_text(f"{imports}from modlint.api import *\n{forum}")
    rule = folder / "crs001_show_curve.py"
    (narrowed,) = re.findall(r"^    def candidates.*\n.*\n", PAGE, re.MULTILINE)
    rule.write_text(rule.read_text().replace("    def visit", f"{narrowed}\n    def visit"))
    text = "# %%\nimport viz\n\n# %%\n# forum.example.org\nx = viz.show_curve\n"
    (tmp_path / "training.py").write_bytes(text.replace("\n", newline).encode())
    found = modlint("check", "--select", "CRS", "--local-rules", "course_rules").stdout
    assert found.startswith("training.py:4:1: CRS002 [*] the forum has moved\n")
    assert "training.py:6:5: CRS001 [-] viz.show_curve is" in found
    modlint("fix", "--apply", "--unsafe-fixes", "--local-rules", "course_rules")
    new = text.replace("show_curve", "plot_curve").replace("forum", "talk")
    assert (tmp_path / "training.py").read_bytes() == new.replace("\n", newline).encode()
