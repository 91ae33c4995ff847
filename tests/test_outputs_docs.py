"""``docs/outputs.md`` shows what modlint writes, and its commands can be typed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from modlint.cli.telling import FORMATS
from support import ROOT, Run

DOCS = (ROOT / "docs" / "outputs.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```text\n\$ modlint (.*)\n((?:.*\n)*?)```$", DOCS, re.MULTILINE)
COMMANDS = re.findall(r"^(?:- run: |    - )?modlint ([^|>\n]*)", DOCS, re.MULTILINE)


@pytest.mark.parametrize(("command", "example"), EXAMPLES, ids=[each[0] for each in EXAMPLES])
def test_the_example_is_what_is_written(
    modlint: Run, reference: Path, command: str, example: str
) -> None:
    text = modlint(*shlex.split(command)).stdout
    at = 0
    for part in re.split(r"^…\n", example, flags=re.MULTILINE):
        found = text.find(part, at)
        assert found >= 0, part
        at = found + len(part)
    if not example.startswith("…"):
        assert text.startswith(example.partition("\n…")[0])
    if not example.endswith("…\n"):
        assert at == len(text)


def test_every_format_is_described_and_shown() -> None:
    rows = re.findall(r"^\| (`.*?) \|", DOCS, re.MULTILINE)
    assert [name for row in rows for name in re.findall("`(.*?)`", row)] == list(FORMATS)
    shown = {re.sub(r"^(?!.*--output-format).*$|.*--output-format ", "", c) for c, _ in EXAMPLES}
    assert shown == set(FORMATS) - {"concise", "json-lines"} | {""}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_can_be_typed(modlint: Run, reference: Path, command: str) -> None:
    shutil.copytree(reference.parent, "modules")
    assert modlint(*shlex.split(command)).exit_code == 1


def test_there_are_examples_and_commands() -> None:
    assert len(EXAMPLES) >= 10
    assert len(COMMANDS) == 5
