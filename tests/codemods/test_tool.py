"""The codemods as LibCST's own tool has them, and as a fix runs them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT

FOLDER = ROOT / "src" / "modlint" / "codemods"
PAGE = ROOT / "docs" / "codemods.md"
#: Of each file the command in it.
COMMANDS = {
    path.stem: found[1]
    for path in sorted(FOLDER.glob("*.py"))
    if path.stem != "base"
    and (found := re.search(r"^class (\w+)\(CodemodCommand\)", path.read_text(), re.MULTILINE))
}


def _run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_tool_lists_every_command() -> None:
    code = (
        "import importlib, sys\n"
        "from libcst.codemod import CodemodCommand\n"
        "for path in sys.argv[1:]:\n"
        "    module, _, name = path.rpartition('.')\n"
        "    found = getattr(importlib.import_module(module), name)\n"
        "    print(path, issubclass(found, CodemodCommand), bool(found.DESCRIPTION))\n"
    )
    paths = [f"modlint.codemods.{stem}.{name}" for stem, name in COMMANDS.items()]
    assert _run(code, *paths).splitlines() == [f"{path} True True" for path in paths]


def test_a_fix_does_not_set_up_matchers() -> None:
    code = (
        "import importlib, sys\n"
        "for path in sys.argv[1:]: importlib.import_module(path)\n"
        "print('libcst' in sys.modules, 'libcst.matchers' in sys.modules)\n"
    )
    assert _run(code, *(f"modlint.codemods.{stem}" for stem in COMMANDS)) == "True False\n"


def test_every_command_has_its_tests_and_its_line_in_the_page() -> None:
    page = PAGE.read_text()
    for stem, name in COMMANDS.items():
        assert Path(__file__).with_name(f"test_{stem}.py").exists()
        assert f"`{stem}.{name}`" in page


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_example_of_the_page(tmp_path: Path, newline: str) -> None:
    before, after = _blocks("python")
    (command,) = _blocks("console")
    path = tmp_path / "numbers_dev.py"
    path.write_bytes(before.replace("\n", newline).encode())
    words = command.replace("\\\n", " ").split()
    assert words[0] == "python"
    subprocess.run([sys.executable, *words[1:]], cwd=tmp_path, check=True, capture_output=True)
    assert path.read_bytes().decode() == after.replace("\n", newline)
