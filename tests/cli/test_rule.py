"""``modlint rule``: the course's own rules written, listed, shown and tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_rules import BY_HAND, BY_HAND_PAGE, FOLDER, course, rule_with
from support import Run

NEW = ("rule", "--new", "CRS001", "no-spam", "--local-rules", FOLDER)
TEST = ("rule", "--test", "CRS001", "--local-rules", FOLDER)
PAGE = f"{FOLDER}/CRS001-no-spam.md"
RULE = f"{FOLDER}/crs001_no_spam.py"


def test_a_new_rule_works_as_it_is_written(modlint: Run, tmp_path: Path) -> None:
    assert modlint(*NEW).exit_code == 0
    result = modlint(*TEST)
    assert (result.exit_code, result.output) == (0, "Tried 1 example of 1 rule: all hold.\n")
    (tmp_path / "m.py").write_text("# %%\nimport tools\nx = tools.old_name\n")
    found = modlint("check", "--local-rules", FOLDER, "--select", "CRS", "m.py")
    assert found.stdout.startswith("m.py:3:5: CRS001 [-] tools.old_name is tools.new_name now\n")


def test_the_new_rule_passes_the_checks_of_this_project(modlint: Run, tmp_path: Path) -> None:
    modlint(*NEW)
    text = (tmp_path / RULE).read_text()
    assert max(map(len, text.split("\n"))) <= 100
    compile(text, RULE, "exec")


def test_the_settings_say_where_a_new_rule_goes(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.modlint]\nlocal-rules = "own/rules"\n')
    result = modlint("rule", "--new", "crs001", "No-Spam")
    assert result.exit_code == 0
    assert (tmp_path / "own" / "rules" / "CRS001-no-spam.md").is_file()
    assert "Name the folder in the settings" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["CRS001"], "--new takes a code and a name"),
        (["CRS001", "no-spam", "x"], "--new takes a code and a name"),
        (["CRS1", "no-spam"], "CRS1 is no code"),
        (["IMP900", "no-spam"], "the family IMP is modlint's own"),
        (["CRS001", "../spam"], "'../spam' is no name"),
        (["CRS001", "no_spam"], "'no_spam' is no name"),
        (["../001", "spam"], "../001 is no code"),
    ],
)
def test_what_cannot_be_written(
    modlint: Run, tmp_path: Path, arguments: list[str], words: str
) -> None:
    result = modlint("rule", "--new", *arguments, "--local-rules", FOLDER)
    assert result.exit_code == 2
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_folder_nothing_is_written(modlint: Run, tmp_path: Path) -> None:
    result = modlint("rule", "--new", "CRS001", "no-spam")
    assert result.exit_code == 2
    assert "name the folder" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no-spam", "other"])
def test_no_rule_is_overwritten(modlint: Run, tmp_path: Path, name: str) -> None:
    modlint(*NEW)
    (tmp_path / RULE).write_text("mine")
    result = modlint("rule", "--new", "CRS001", name, "--local-rules", FOLDER)
    assert result.exit_code == 2
    assert "CRS001 is there already" in result.stderr
    assert (tmp_path / RULE).read_text() == "mine"


def test_new_and_test_exclude_each_other(modlint: Run) -> None:
    assert modlint("rule", "--new", "--test", "CRS001", "x").exit_code == 2


def test_the_catalogue_shows_them_without_running_them(modlint: Run, tmp_path: Path) -> None:
    modlint(*NEW)
    (tmp_path / RULE).write_text("raise SystemExit(3)")
    (tmp_path / "pyproject.toml").write_text(f'[tool.modlint]\nlocal-rules = "{FOLDER}"\n')
    listed = modlint("rule")
    assert listed.exit_code == 0
    assert listed.stdout.splitlines()[-1].split() == ["CRS001", "no-spam", "warning"]
    for asked in ("crs001", "no-spam"):
        shown = modlint("rule", asked)
        assert (shown.exit_code, shown.stderr) == (0, "")
        assert shown.stdout.startswith("CRS001: no-spam\n")
    (tmp_path / PAGE).write_text("# \x1b]0;title\u202e\n")
    assert not {"\x1b", "\u202e"} & set(modlint("rule", "crs001").output)
    (tmp_path / PAGE).unlink()
    assert "(no page)" in modlint("rule").stdout
    assert modlint("rule", "CRS001").exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# CRS001: no-spam\n", "# CRS001: spam\n", "does not begin with `# CRS001: no-spam`"),
        ("Severity: warning", "Severity: error", "line 3 is not `Severity: warning."),
        ("Fix: none", "Fix: maybe", "line 3 is not"),
        ("Fix: none", "Fix: safe", "names a fix that is safe, and shows by-hand"),
        ("## Fix safety\n", "## Safety\n", "its sections are not What it does, Why it matters"),
        ("Nothing is changed.\n", "\n", "a section is empty"),
        ("Nothing is changed.\n", "Nothing is changed.\n\n", "does not end with one newline"),
        ("Nothing is changed.\n", "```python clean\n", "a fenced block is not closed"),
        ("Whoever runs", "Whoever  \nruns", "line 11 has more than 100 characters, or spaces"),
        ("Reported: line 3. By hand:", "So:", "should stand, in turn: Reported: line 3. By hand:"),
        ("bad lines=3", "bad lines=2", "the bad module is reported on lines=3, not 2"),
        ("bad lines=3", "bad rows=3", "```python bad rows=3: not `python bad lines=…`"),
        ("good by-hand", "fine", "no `python good` follows it"),
        ("good by-hand", "good", "the safe fixes write:"),
        ("good by-hand", "good unsafe", "the unsafe fixes write:"),
        ("    breakpoint()\n", "    pass\n", "the bad module is reported on lines=none, not 3"),
        ("def double(x):\n    b", "import abc, nowhere\nprint(1)\ndef double(x):\n    b",
         "the bad module has another fault, line 3: IMP002"),
        ("def double(x):\n    return", "def double(x):\n    breakpoint()\n    return",
         "the good module is not clean: line 3: CRS001"),
        ("## Fix\n", "```python clean\nbreakpoint()\n```\n\n## Fix\n",
         "example 2: the clean module is not clean: line 1: CRS001"),
        ("## Fix\n", "```toml\n[tool.modlint]\n```\n\n```python clean\nx = 1\n```\n\n## Fix\n",
         "the settings make no difference"),
        ("## Fix\n", "```toml\n[tool.modlint]\nx = 1\n```\n\n```python clean\n\n```\n\n## Fix\n",
         "pyproject.toml:2: unknown key 'x'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_page_is_told(
    modlint: Run, tmp_path: Path, old: str, new: str, words: str
) -> None:
    modlint(*NEW)
    (tmp_path / RULE).write_text(BY_HAND)
    text = BY_HAND_PAGE
    assert old in text
    at = text.rindex(old)
    (tmp_path / PAGE).write_text(text[:at] + new + text[at + len(old) :])
    result = modlint(*TEST)
    assert result.exit_code == 1
    assert words in result.stdout
    assert result.stdout.startswith("CRS001: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (rule_with("1 / 0"), "example 1: CRS001 failed: ZeroDivisionError: division by zero"),
        ("1 / 0\n", "CRS001: cannot be loaded: ZeroDivisionError: division by zero"),
    ],
)
def test_a_rule_that_fails_is_told(modlint: Run, tmp_path: Path, text: str, words: str) -> None:
    modlint(*NEW)
    (tmp_path / RULE).write_text(text)
    result = modlint(*TEST)
    assert result.exit_code == 1
    assert words in result.stdout


def test_a_page_that_is_not_there_is_told(modlint: Run, tmp_path: Path) -> None:
    course(tmp_path)
    result = modlint(*TEST)
    assert result.exit_code == 1
    assert "CRS001: there is no page CRS001-no-spam.md" in result.stdout


def test_a_page_of_modlint_that_is_not_there_is_named_in_one_line(
    modlint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modlint.pages._folder", lambda: tmp_path)
    result = modlint("rule", "IMP002")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: IMP002 has no page: IMP002-import-time-print.md is not there\n"
    )
    assert "IMP002  import-time-print            (no page)" in modlint("rule").stdout
    assert "there is no page IMP002-import" in modlint("rule", "--test", "IMP002").stdout


def test_rules_that_are_not_trusted_are_not_tried(modlint: Run, tmp_path: Path) -> None:
    course(tmp_path)
    result = modlint("rule", "--test", "IMP002", "CRS001")
    assert result.exit_code == 2
    assert "were not run" in result.stderr
    assert "of 1 rule: all hold" in result.stderr
    assert modlint("rule", "--test", "IMP002").exit_code == 0
