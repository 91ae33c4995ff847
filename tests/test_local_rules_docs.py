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
    path = tmp_path / "relu.py"
    path.write_bytes(path.read_bytes().replace(b"\n", newline.encode()))
    assert modlint("fix", "--apply", "--local-rules", "course_rules").exit_code == 0
    assert f"talk.example.org/relu{newline}".encode() in path.read_bytes()
