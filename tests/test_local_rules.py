"""Rules that a course adds: found as the others are, and run only where the user said so."""

from __future__ import annotations

import json
import os
import py_compile
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local_rules import FOLDER, MODULE, SPAM, VISITOR, course, rule_with
from modlint.rules import rule_of
from notebook_files import notebook_of, written
from support import ROOT, Run, as_modules

FOUND = "m.py:2:1: CRS001 spam\n"
WITH = ("--local-rules", FOLDER)
NOT_RUN = f"the rules in {FOLDER} were not run"
CANARY = "CANARY"
FAILS = rule_with("pass", code="CRS002", name="fails")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return course(tmp_path)


def _program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real program, in a process of its own: nothing was loaded before."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "modlint", *as_modules(*arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


# --- who lets them run ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["check", "--no-cache", "--jobs", "2", "m.py", "m.py"],
        ["check", "--select", "CRS001"],
        ["fix"],
        ["fix", "--apply"],
        ["fix", "--add-ignores"],
        ["report"],
        ["baseline", "write"],
        ["rule"],
        ["rule", "--test", "CRS001"],
        ["rule", "CRS001"],
        ["settings"],
        ["verify"],
        ["trust"],
        ["trust", "--forget"],
    ],
    ids=" ".join,
)
def test_the_settings_alone_let_no_rule_run(tree: Path, command: list[str]) -> None:
    assert CANARY not in _program(tree, *command).stderr


@pytest.mark.parametrize("command", ["check", "fix", "report"])
def test_rules_that_do_not_run_are_never_called_clean(
    tree: Path, modlint: Run, command: str
) -> None:
    result = modlint(command)
    assert result.exit_code == 2
    assert NOT_RUN in result.stderr
    assert "modlint trust course_rules" in result.stderr
    assert f"pyproject.toml:2: {NOT_RUN}" in result.stderr


def test_what_else_is_found_is_shown(tree: Path, modlint: Run) -> None:
    (tree / "m.py").write_text('# %%\nprint("hi")\n')
    result = modlint("check")
    assert result.exit_code == 2
    assert result.stdout.startswith("m.py:2:1: IMP002")


def test_rules_that_are_not_in_force_are_not_asked_for(tree: Path, modlint: Run) -> None:
    for options in (["--ignore", "CRS"], ["--select", "IMP"], ["--ignore", "CRS001"]):
        result = modlint("check", *options)
        assert (result.exit_code, result.stderr) == (0, "")


def test_the_command_line_lets_them_run(tree: Path) -> None:
    result = _program(tree, "check", *WITH)
    assert (result.returncode, result.stderr) == (1, "CANARY\n")
    assert result.stdout.startswith(FOUND)


def test_the_command_line_needs_no_settings(tree: Path, modlint: Run) -> None:
    (tree / "pyproject.toml").unlink()
    assert modlint("check", "m.py").exit_code == 0
    assert modlint("check", *WITH, "m.py").stdout.startswith(FOUND)


def test_trust_lets_them_run_until_a_file_changes(tree: Path, modlint: Run) -> None:
    assert modlint("trust").exit_code == 0
    result = modlint("check")
    assert (result.exit_code, result.stderr) == (1, "CANARY\n")
    assert result.stdout.startswith(FOUND)
    for change in (
        lambda: (tree / FOLDER / "crs001_no_spam.py").write_text(SPAM + "\n"),
        lambda: (tree / FOLDER / "_helper.py").write_text(""),
        lambda: (tree / FOLDER / "_helper.py").rename(tree / FOLDER / "_other.py"),
    ):
        change()
        result = modlint("check")
        assert result.exit_code == 2
        assert NOT_RUN in result.stderr
        assert modlint("trust", FOLDER).exit_code == 0
        assert modlint("check").exit_code == 1
    assert modlint("trust", "--forget").exit_code == 0
    assert modlint("check").exit_code == 2


def test_a_copy_of_a_trusted_folder_is_not_trusted(tree: Path, modlint: Run) -> None:
    modlint("trust")
    shutil.copytree(tree / FOLDER, tree / "copy" / FOLDER)
    (tree / "copy" / "pyproject.toml").write_text(f'[tool.modlint]\nlocal-rules = "{FOLDER}"\n')
    (tree / "copy" / "m.py").write_text(MODULE)
    assert modlint("check", "m.py").exit_code == 1
    assert modlint("check", "copy").exit_code == 2


def test_a_compiled_file_beside_a_rule_is_not_run(tree: Path, modlint: Run) -> None:
    """The bytes that were compared run; Python itself would take this file for the source's."""
    rule, other = tree / FOLDER / "crs001_no_spam.py", tree / "other.py"
    other.write_text("import sys\nsys.stderr.write('POISON')\n")
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compiled = Path(py_compile.compile(str(other), invalidation_mode=unchecked) or "")
    target = rule.parent / "__pycache__" / f"{rule.stem}.{sys.implementation.cache_tag}.pyc"
    target.parent.mkdir()
    compiled.rename(target)
    result = _program(tree, "check", *WITH)
    assert result.stderr == "CANARY\n"
    plain = subprocess.run(
        [sys.executable, "-c", "import crs001_no_spam"],
        cwd=rule.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "POISON" in plain.stderr  # the trap would close


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}', "null", "\0"])
def test_a_damaged_list_of_trust_trusts_nothing(
    tree: Path, modlint: Run, own_trust: Path, content: str
) -> None:
    modlint("trust")
    (own_trust / "modlint" / "trusted.json").write_text(content)
    assert modlint("check").exit_code == 2
    assert modlint("trust").exit_code == 0
    assert modlint("check").exit_code == 1


# --- they are rules as the others -------------------------------------------------------------


def test_every_output_shows_them(tree: Path, modlint: Run) -> None:
    (entry,) = json.loads(modlint("check", *WITH, "--output-format", "json").stdout)
    assert (entry["code"], entry["name"], entry["severity"]) == ("CRS001", "no-spam", "info")
    assert modlint("check", *WITH, "--statistics").stdout.startswith("1  CRS001")
    review = modlint("report", *WITH, "--output-format", "markdown")
    assert review.exit_code == 0
    assert "A name that the course does not use" in review.stdout


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ("", True),
        ("select = ['IMP']", False),
        ("select = ['CRS']", True),
        ("extend-select = ['CRS001']", True),
        ("ignore = ['CRS']", False),
        ("per-file-ignores = { 'm.py' = ['CRS001'] }", False),
    ],
)
def test_settings_know_them(tree: Path, modlint: Run, settings: str, found: bool) -> None:
    (tree / "pyproject.toml").write_text(f'[tool.modlint]\nlocal-rules = "{FOLDER}"\n{settings}\n')
    modlint("trust")
    result = modlint("check")
    assert (result.exit_code, result.stderr) == (int(found), CANARY + "\n" if found else "")


def test_an_unknown_code_is_told_with_the_nearest(tree: Path, modlint: Run) -> None:
    result = modlint("check", "--select", "CRT001")
    assert result.exit_code == 2
    assert "no rule begins with 'CRT001'; did you mean 'CRS001'?" in result.stderr
    (tree / "pyproject.toml").write_text("[tool.modlint]\nselect = ['CRS']\n")
    assert "no rule begins with 'CRS'" in modlint("check").stderr


def test_a_selection_is_known_from_outside_of_the_course(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    course(tmp_path / "course")
    modlint("trust", f"course/{FOLDER}")
    assert modlint("check", "--select", "CRS", "course").stdout.startswith(
        "course/m.py:2:1: CRS001"
    )
    assert modlint("check", "--select", "CRS", "course/m.py").exit_code == 1
    assert modlint("verify", "--select", "CRS", "course").exit_code == 2


def test_suppressions_know_them(tree: Path, modlint: Run) -> None:
    (tree / "m.py").write_text("# %%\nspam = 1  # modlint: ignore[CRS001] wanted\n")
    assert modlint("check", *WITH).exit_code == 0
    # Not called unused or unknown where the rule does not run, or fails.
    assert "MET001" not in modlint("check").stdout
    (tree / FOLDER / "crs001_no_spam.py").write_text(rule_with("1 / 0"))
    assert "MET001" not in modlint("check", *WITH).stdout
    (tree / "m.py").write_text("# %%\nx = 1  # modlint: ignore[CRS001] wanted\n")
    assert "MET001" not in modlint("check", *WITH).stdout
    course(tree)
    (tree / "m.py").write_text("# %%\nx = 1  # modlint: ignore[CRS001] wanted\n")
    assert "MET001 [*] unused suppression: CRS001 is not found" in modlint("check", *WITH).stdout
    (tree / "m.py").write_text("# %%\nspam = 1  # modlint: ignore[CRS002] wanted\n")
    assert "no rule CRS002; did you mean CRS001?" in modlint("check", *WITH).stdout


def test_baselines_and_added_ignores(tree: Path, modlint: Run) -> None:
    assert modlint("baseline", "write", *WITH).exit_code == 0
    assert modlint("check", *WITH, "--baseline", "modlint-baseline.json").exit_code == 0
    # What does not run has not been mended.
    held = modlint("check", "--baseline", "modlint-baseline.json")
    assert held.exit_code == 2
    assert "fewer" not in held.stderr
    assert modlint("fix", "--add-ignores", "--apply", *WITH).exit_code == 0
    assert "ignore[CRS001]" in (tree / "m.py").read_text()
    assert modlint("check", *WITH).exit_code == 0


def test_the_folder_of_rules_holds_no_modules(tree: Path, modlint: Run) -> None:
    (tree / FOLDER / "_helper.py").write_text("print('hi')\n")
    assert modlint("check", "--show-files").stdout.startswith("m.py: ")
    assert f"{FOLDER}/: skipped: holds rules" in modlint("check", "--verbose").stderr


def test_each_module_has_the_rules_of_its_own_course(modlint: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        course(tmp_path / name, SPAM.replace('"spam"', f'"{name}"'))
        (tmp_path / name / "m.py").write_text("# %%\na = b = 1\n")
        modlint("trust", f"{name}/{FOLDER}")
    result = modlint("check")
    assert result.stdout.splitlines()[:2] == ["a/m.py:2:1: CRS001 a", "b/m.py:2:5: CRS001 b"]


def test_helpers_are_imported_from_the_folder_alone(tree: Path, modlint: Run) -> None:
    (tree / FOLDER / "_words.py").write_text("WORD = 'spam'\n")
    rule = tree / FOLDER / "crs001_no_spam.py"
    rule.write_text("from ._words import WORD\n" + SPAM.replace('"spam":', "WORD:"))
    assert modlint("check", *WITH).stdout.startswith(FOUND)
    rule.write_text("from .m import WORD\n" + SPAM)
    assert "ModuleNotFoundError" in modlint("check", *WITH).stderr
    assert not (tree / FOLDER / "__pycache__").exists()


def test_notebooks_have_them_too(tree: Path, modlint: Run) -> None:
    (tree / "n.ipynb").write_text(written(notebook_of(MODULE), "nbformat"))
    assert "n.ipynb:cell 1:1:1: CRS001 spam" in modlint("check", *WITH).stdout


# --- visitors ---------------------------------------------------------------------------------


FIX = ("fix", "--apply", "--unsafe-fixes", *WITH)
NESTED = """# %%
class A:
    # a word
    def f(self, x):
        if x:  # another
            return [spam(y, "spam") for y in x]

# %% [markdown]
# spam
"""
HEADERS = """# %%
class A:
    @spam
    def f(self, x: spam = 1):  # a word
        # another
        return spam

    def g(self, x=spam): return spam; # a third

    async def h(
        self,
        x=spam,
    ) -> None:

        '''spam'''
        def inner(y=spam):
            return spam
"""


@pytest.fixture
def visited(tmp_path: Path) -> Path:
    return course(tmp_path, VISITOR)


def _findings(modlint: Run) -> list[tuple[int, int]]:
    said = json.loads(modlint("check", *WITH, "--select", "CRS", "--output-format", "json").stdout)
    return [(e["location"]["row"], e["location"]["column"]) for e in said]


def _renamed(text: str, places: list[tuple[int, int]]) -> str:
    lines = text.split("\n")
    for row, column in reversed(places):
        line = lines[row - 1]
        lines[row - 1] = line[: column - 1] + "ham" + line[column + 3 :]
    return "\n".join(lines)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("# %%\nspam = 1\n", [(2, 1)]),
        ("# %%\nspam = 1", [(2, 1)]),
        (NESTED, [(6, 21)]),
        ("# %%\nx = spam + spam  # two\n", [(2, 5), (2, 12)]),
        ("# %%\nx = spam(spam(1), '''\nspam''')  # nested\n", [(2, 5), (2, 10)]),
        ("# %%\nspam = 1; \\\n  x = 2; spam = 3; y = 4\n", [(2, 1), (3, 10)]),
        ("# %%\nä = 'é'; spam = 1\n", [(2, 10)]),
        ("# %%\n\n# above\n@spam\ndef f():  # in line\n    ...\n\n# below\n", [(4, 2)]),
    ],
)
def test_a_visitor_finds_and_what_it_says_is_written(
    visited: Path, modlint: Run, text: str, places: list[tuple[int, int]], newline: str
) -> None:
    path = visited / "m.py"
    path.write_bytes(text.replace("\n", newline).encode())
    assert _findings(modlint) == places
    assert "CRS001 [-] spam" in modlint("check", *WITH).stdout
    assert modlint("fix", "--apply", "--select", "CRS", *WITH).exit_code == 1
    assert path.read_bytes() == text.replace("\n", newline).encode()
    assert modlint(*FIX, "--select", "CRS").exit_code == 0
    assert path.read_bytes() == _renamed(text, places).replace("\n", newline).encode()


def test_a_visitor_works_in_notebooks(visited: Path, modlint: Run) -> None:
    (visited / "m.py").unlink()
    text = written(notebook_of(NESTED), "nbformat")
    (visited / "n.ipynb").write_text(text)
    found = modlint("check", *WITH, "--select", "CRS").stdout
    assert found.startswith("n.ipynb:cell 1:5:21: CRS001 [-] spam\n")
    assert modlint(*FIX, "--select", "CRS").exit_code == 0
    assert (visited / "n.ipynb").read_text() == text.replace("[spam(", "[ham(")


def test_a_replacement_that_does_not_parse_is_refused_and_named(
    visited: Path, modlint: Run
) -> None:
    (visited / "m.py").write_text("# %%\nx = bare\nspam = 1\n")
    result = modlint(*FIX, "--select", "CRS")
    assert result.exit_code == 2
    why = "not fixed: the fix of CRS001 at line 2 would leave a cell that does not parse"
    assert f"m.py: {why}" in result.stderr
    assert (visited / "m.py").read_text() == "# %%\nx = bare\nham = 1\n"


@pytest.mark.parametrize(
    ("replacement", "text", "words"),
    [
        ("cst.Name('')", "spam", "CRS001 failed: CSTValidationError: "),
        ("'ham'", "spam", "CRS001 failed: AttributeError: "),
        ("cst.Integer('1')", "spam = 2", "would leave a cell that does not parse"),
        ("cst.Name('spam')", "spam", "mends nothing"),
        ("cst.Pass()", "spam = 2", "would leave a cell that does not parse"),
        ("cst.Name('egg', lpar=[cst.LeftParen()], rpar=[cst.RightParen()])",
         "def f():\n    spam = 1", ""),
    ],
)  # fmt: skip
def test_a_replacement_is_proven(
    visited: Path, modlint: Run, replacement: str, text: str, words: str
) -> None:
    (visited / FOLDER / "crs001_no_spam.py").write_text(
        VISITOR.replace('cst.Name("ham")', replacement)
    )
    (visited / "m.py").write_text(f"# %%\n{text}\n")
    result = modlint(*FIX, "--select", "CRS")
    assert words in result.stderr
    assert result.exit_code == (2 if words else 0)
    new = text.replace("spam", "(egg)") if not words else text
    assert (visited / "m.py").read_text() == f"# %%\n{new}\n"


def test_a_replacement_that_would_lose_a_comment_is_refused(visited: Path, modlint: Run) -> None:
    rule = VISITOR.replace("visit_Name", "visit_Call").replace('m.Name("spam")', "m.Call()")
    (visited / FOLDER / "crs001_no_spam.py").write_text(rule)
    text = "# %%\nx = abs(  # a word\n    1)\ny = abs(2)  # this one stays\n"
    (visited / "m.py").write_text(text)
    result = modlint(*FIX, "--select", "CRS")
    assert result.exit_code == 2
    assert "the fix of CRS001 at line 2 would lose the comment '# a word'" in result.stderr
    assert (visited / "m.py").read_text() == text.replace("abs(2)", "ham")


def test_a_visitor_of_headers_leaves_the_bodies(visited: Path, modlint: Run) -> None:
    headers = (
        "    def candidates(self, module, unit):\n"
        "        import ast\n"
        "        return [n for n in ast.walk(unit.tree) if isinstance(n, FunctionNode)]\n\n"
    )
    rule = VISITOR.replace("    def visit_Name", f"{headers}    def visit_Name")
    rule = rule.replace("import Severity", "import FunctionNode, Severity")
    (visited / FOLDER / "crs001_no_spam.py").write_text(rule)
    (visited / "m.py").write_text(HEADERS)
    places = [(3, 6), (4, 20), (8, 19), (12, 11), (16, 21)]
    assert _findings(modlint) == places
    assert modlint(*FIX, "--select", "CRS").exit_code == 0
    assert (visited / "m.py").read_text() == _renamed(HEADERS, places)


def test_the_body_of_a_header_is_not_replaced(visited: Path, modlint: Run) -> None:
    rule = VISITOR.replace(
        "    def visit_Name",
        "    def candidates(self, module, unit):\n"
        "        return unit.tree.body\n\n"
        "    def visit_FunctionDef(self, node):\n"
        "        new = node.with_changes(body=cst.parse_statement('if 1:\\n  x').body)\n"
        "        self.report(node, 'function', replacement=new)\n\n"
        "    def visit_Name",
    )
    (visited / FOLDER / "crs001_no_spam.py").write_text(rule)
    text = "# %%\ndef f():\n    return 1\n"
    (visited / "m.py").write_text(text)
    result = modlint(*FIX, "--select", "CRS")
    assert "cannot be made: ValueError: only the header of a definition is" in result.stderr
    assert (result.exit_code, (visited / "m.py").read_text()) == (2, text)


def test_what_libcst_does_not_read_is_named_and_the_rest_is_visited(
    visited: Path, modlint: Run
) -> None:
    chain = " and ".join(["spam"] * 20_000)
    (visited / "m.py").write_text(f"# %%\nx = {chain}\n\n# %%\ny = spam\n")
    result = modlint("check", *WITH, "--select", "CRS")
    assert result.exit_code == 2
    assert (
        "error: m.py:1: cell 1: CRS001 failed: ValueError: LibCST cannot read it" in result.stderr
    )
    assert result.stdout.startswith("m.py:5:5: CRS001 [-] spam\n")


def test_a_visitor_that_raises_is_named_and_the_others_go_on(visited: Path, modlint: Run) -> None:
    other = SPAM.replace("CRS001", "CRS002").replace("no-spam", "other")
    (visited / FOLDER / "crs002_other.py").write_text(other)
    (visited / "m.py").write_text("# %%\nspam = 1\n\n# %%\ndef f(boom):\n    pass\n")
    (visited / "n.py").write_text(MODULE)
    result = modlint("check", *WITH)
    assert result.exit_code == 2
    line = 1 + VISITOR.split("\n").index('            {}["x"]')
    what = f"m.py:4: cell 2: CRS001 failed: KeyError: 'x' (course_rules/crs001_no_spam.py:{line})"
    assert f"error: {what}\n" in result.stderr
    assert result.stdout.startswith(
        "m.py:2:1: CRS002 spam\nn.py:2:1: CRS001 [-] spam\nn.py:2:1: CRS002 spam\n"
    )
    assert "Traceback" not in result.stderr
    for jobs in ("1", "2"):
        verbose = modlint("check", "--verbose", "--jobs", jobs, *WITH).stderr
        at = verbose.index(f"error: {what}\nTraceback (most recent call last):\n")
        assert f'crs001_no_spam.py", line {line}, in visit_Name\n' in verbose[at:]


@pytest.mark.parametrize("body", ["pass", "1 / 0"])
def test_a_visitor_may_forget_its_base(visited: Path, modlint: Run, body: str) -> None:
    made = "    def __init__(self):\n        if seen:\n            {}\n        seen.append(1)\n"
    (visited / FOLDER / "crs001_no_spam.py").write_text(
        f"seen = []\n{VISITOR}\n{made.format(body)}"
    )
    result = modlint("check", *WITH)
    if body == "pass":
        assert result.stdout.startswith("m.py:2:1: CRS001 [-] spam\n")
    else:
        assert "error: m.py: CRS001 failed: ZeroDivisionError" in result.stderr


def test_a_node_that_was_not_visited_is_no_place(visited: Path, modlint: Run) -> None:
    rule = VISITOR.replace("self.report(node", "self.report(cst.Name('x')")
    (visited / FOLDER / "crs001_no_spam.py").write_text(rule)
    words = "LookupError: this Name is no part of the statement that is being visited"
    assert f"m.py:1: cell 1: CRS001 failed: {words}" in modlint("check", *WITH).stderr


# --- modlint's own ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "method", "place"),
    [
        ("SIG003", "visit_Annotation", "m.py:4: cell 2: "),
        ("SIG003", "candidates", "m.py:1: cell 1: "),
        ("SIG003", "leave_cell", "m.py:4: cell 2: "),
        ("SIG004", "check", "m.py: "),
        ("CEL004", "check_cell", "m.py:1: cell 1: "),
    ],
)
def test_a_rule_of_modlint_that_raises_is_isolated_too(
    modlint: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    method: str,
    place: str,
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("x")

    assert hasattr(rule_of(code), method)
    monkeypatch.setattr(type(rule_of(code)), method, fail)
    (tmp_path / "m.py").write_text('# %%\nprint("hi")\n\n# %%\ndef f(x: any) -> None: ...\n')
    result = modlint("check", "--no-cache", "--verbose")
    assert result.exit_code == 2
    assert result.stdout.startswith("m.py:2:1: IMP002")
    failure = re.escape(f"error: {place}{code} failed: KeyError: 'x' (")
    assert re.search(failure + r".*\)\nTraceback \(most recent call last\):\n", result.stderr)
    assert "internal error" not in result.stderr


# --- what is kept, and who works --------------------------------------------------------------


def test_results_are_those_of_the_rules_as_they_are(tree: Path, modlint: Run) -> None:
    modlint("trust")
    assert modlint("check").stdout.startswith(FOUND)
    rule = tree / FOLDER / "crs001_no_spam.py"
    rule.write_text(SPAM.replace('"spam")', '"ham")'))
    modlint("trust")
    assert modlint("check").stdout.startswith("m.py:2:1: CRS001 ham\n")


def test_known_results_need_no_rule_to_be_loaded(tree: Path) -> None:
    assert _program(tree, "check", *WITH).stderr == "CANARY\n"
    again = _program(tree, "check", *WITH, "--statistics")
    assert again.stdout.startswith("1  CRS001")
    assert again.stderr == ""


def test_an_answer_holds_while_the_rules_and_the_trust_are_as_they_were(
    tree: Path, modlint: Run
) -> None:
    (tree / FOLDER / "_helper.py").write_text("")
    modlint("trust")
    time.sleep(2.1)  # what was just written is not trusted to be unchanged
    assert _program(tree, "check").stderr == "CANARY\n"
    answered = _program(tree, "check")
    assert (answered.returncode, answered.stderr) == (1, "")  # no rule was loaded for it
    assert answered.stdout.startswith(FOUND)
    (tree / FOLDER / "_helper.py").write_text("x = 1\n")
    assert _program(tree, "check").returncode == 2
    (tree / FOLDER / "_helper.py").write_text("")
    assert _program(tree, "check").returncode == 1
    modlint("trust", "--forget")
    assert _program(tree, "check").returncode == 2


def test_a_failure_is_told_each_time(tree: Path, modlint: Run) -> None:
    (tree / FOLDER / "crs001_no_spam.py").write_text(rule_with("1 / 0"))
    first = modlint("check", *WITH)
    assert modlint("check", *WITH).output == first.output
    assert first.exit_code == 2


def test_workers_say_the_same(tree: Path) -> None:
    for number in range(4):
        (tree / f"m{number}.py").write_text(MODULE + "x = 1\n" * 10_000)
    (tree / FOLDER / "crs002_fails.py").write_text(
        rule_with("for cell in module.file.cells:\n    1 / 0", code="CRS002", name="fails")
    )
    alone, shared = (
        _program(tree, "check", "--no-cache", *WITH, "--jobs", jobs) for jobs in ("1", "2")
    )
    assert alone.stdout == shared.stdout
    assert alone.stdout.count("CRS001 spam") == 5
    assert alone.stderr.replace("CANARY\n", "") == shared.stderr.replace("CANARY\n", "")
    assert alone.stderr.count("CRS002 failed") == 5


# --- what goes wrong --------------------------------------------------------------------------


def test_a_rule_that_fails_is_named_with_file_and_cell_and_the_others_go_on(
    tree: Path, modlint: Run
) -> None:
    body = "for cell in module.file.cells:\n    if 'boom' in cell.source:\n        yield {}['x']"
    (tree / FOLDER / "crs002_fails.py").write_text(rule_with(body, code="CRS002", name="fails"))
    (tree / "m.py").write_text(MODULE + "\n# %%\ndef boom():\n    pass\n")
    (tree / "n.py").write_text(MODULE)
    result = modlint("check", *WITH)
    assert result.exit_code == 2
    what = "m.py:4: cell 2: CRS002 failed: KeyError: 'x' (course_rules/crs002_fails.py:11)"
    assert f"error: {what}\n" in result.stderr
    assert result.stdout.startswith("m.py:2:1: CRS001 spam\nn.py:2:1: CRS001 spam\n")
    assert result.stderr.count("failed") == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return None", "TypeError"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("yield 'm.py:1: bad'", "yields str, not a Diagnostic"),
        ("def f(): f()\nf()", "RecursionError"),
        ("yield self.diagnostic(99, Position(1), Position(1), 'x')", "place is not in the module"),
        ("yield self.diagnostic(0, 1, 2, 'x')", "place is not in the module"),
        ("yield self.diagnostic(0, Position(1), Position(1), None)", "use self.diagnostic()"),
        ("yield Diagnostic('IMP001', 'x', 'x', self.severity, 0, Position(1), Position(1))",
         "use self.diagnostic()"),
    ],
)  # fmt: skip
def test_whatever_a_rule_does_is_told(tree: Path, modlint: Run, body: str, words: str) -> None:
    (tree / FOLDER / "crs001_no_spam.py").write_text(rule_with(body))
    for command in ("check", "fix", "report"):
        result = modlint(command, *WITH)
        assert result.exit_code == 2
        assert "CRS001 failed: " in result.stderr
        assert words in result.stderr
        assert "internal error" not in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:\n", "crs002_fails.py:1: CRS002 was not run: SyntaxError: invalid syntax"),
        ("\n1 / 0\n", "crs002_fails.py:2: CRS002 was not run: ZeroDivisionError"),
        ("import nowhere_at_all\n", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("raise SystemExit(0)\n", "SystemExit: 0"),
        ("", "holds 0 rule classes, not one"),
        (FAILS + FAILS.replace("Local", "Two"), "holds 2 rule classes"),
        (rule_with("pass"), "is named CRS002 fails, and its class CRS001 no-spam"),
        (FAILS.replace("Severity.WARNING", "'warning'"), "has no severity"),
        (FAILS + "    executes = True\n", "for modlint's own rules"),
        (FAILS.replace("def check", "def chek"), "abstract"),
    ],
)
def test_a_rule_that_cannot_be_loaded_is_told_and_the_others_go_on(
    tree: Path, modlint: Run, text: str, words: str
) -> None:
    (tree / FOLDER / "crs002_fails.py").write_text(text)
    (tree / "n.py").write_text(MODULE)
    result = modlint("check", *WITH)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("CRS002 was not run") == 1
    assert result.stdout.startswith(FOUND)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("imp900_mine.py", "IMP900: the family IMP is modlint's own; take other letters"),
        ("crs001_other.py", "CRS001 is the code of two rules"),
        ("rules.py", "rules.py is named neither as a rule"),
        ("crs01_short.py", "crs01_short.py is named neither as a rule"),
    ],
)
def test_a_folder_that_is_none_of_rules(tree: Path, modlint: Run, file: str, words: str) -> None:
    (tree / FOLDER / file).write_text(SPAM)
    for options, place in ([(), "pyproject.toml:2"], [WITH, "command line"]):
        result = modlint("check", *options)
        assert result.exit_code == 2
        assert f"{place}: 'local-rules': " in result.stderr
        assert words in result.stderr
    assert words in modlint("trust").stderr


def test_a_folder_that_is_not_there(tree: Path, modlint: Run) -> None:
    shutil.rmtree(tree / FOLDER)
    assert "'local-rules': course_rules: no such file or directory" in modlint("check").stderr
    (tree / FOLDER).mkdir()
    assert "'local-rules': course_rules: holds no rule" in modlint("check").stderr
    result = modlint("check", "--local-rules", "nowhere")
    assert (result.exit_code, result.stdout) == (2, "")


# --- fixes ------------------------------------------------------------------------------------

FIXING = """cell = module.file.cells[0]
if 'spam' in cell.source:
    def rewrite():
        {made}
    fix = Fix(Applicability.SAFE, 'Mend it', rewrite, Change.COMMENTS)
    yield self.diagnostic(0, Position(2), Position(2, 2), 'spam', fix)"""


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("return Patch({0: (replace(cell, source='ham = 1\\n'),)})", "does not declare"),
        ("1 / 0", "cannot be made: ZeroDivisionError"),
        ("return None", "cannot be made: it is NoneType, not a Patch"),
    ],
)
def test_a_fix_of_a_local_rule_is_proven_too(
    tree: Path, modlint: Run, made: str, words: str
) -> None:
    (tree / FOLDER / "crs001_no_spam.py").write_text(rule_with(FIXING.format(made=made)))
    result = modlint("fix", "--apply", *WITH)
    assert result.exit_code == 2
    assert "not fixed: the fix of CRS001" in result.stderr
    assert words in result.stderr
    assert (tree / "m.py").read_text() == MODULE
    found = modlint("check", *WITH, "--output-format", "json")
    assert [d["code"] for d in json.loads(found.stdout)] == ["CRS001"]


def test_a_fix_on_whose_text_a_rule_fails_is_refused(tree: Path, modlint: Run) -> None:
    (tree / "m.py").write_text("# %%\nx = 1  # spam\n")
    made = "return Patch({0: (replace(cell, source=cell.source.replace('spam', 'boom')),)})"
    check = FIXING.format(made=made) + "\nif 'boom' in cell.source:\n    1 / 0"
    (tree / FOLDER / "crs001_no_spam.py").write_text(rule_with(check))
    result = modlint("fix", "--apply", *WITH)
    assert result.exit_code == 2
    assert "gives a text on which CRS001 fails" in result.stderr
    assert (tree / "m.py").read_text() == "# %%\nx = 1  # spam\n"


def test_a_refused_fix_keeps_no_other_back_and_is_marked_no_more(tree: Path, modlint: Run) -> None:
    (tree / "m.py").write_text("# %%\nspam = 1\n\n# %%\nprint('hi')\n")
    made = "return Patch({0: (replace(cell, source='ham = 1\\n'),)})"
    (tree / FOLDER / "crs001_no_spam.py").write_text(rule_with(FIXING.format(made=made)))
    shown = modlint("fix", *WITH)
    assert shown.exit_code == 2
    assert '+if __name__ == "__main__":' in shown.stdout
    result = modlint("fix", "--apply", *WITH)
    assert result.exit_code == 2
    assert result.stdout == "m.py:2:1: CRS001 spam\n"
    assert result.stderr.splitlines() == [
        "error: m.py: not fixed: the fix of CRS001 at line 2 "
        "would change a statement that it does not declare",
        "Applied 1 fix in 1 file. 1 fix was refused. 1 problem left.",
    ]
    text = "# %%\nspam = 1\n\n# %%\nif __name__ == \"__main__\":\n    print('hi')\n"
    assert (tree / "m.py").read_text() == text


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("module", True),
        ("assignment", True),
        ("notebook", True),
        ("plain", True),
        ("generated", False),
        ("release", False),
        ("submission", False),
    ],
)
def test_they_are_about_what_an_author_writes(
    tree: Path, modlint: Run, kind: str, found: bool
) -> None:
    found_here = modlint("check", *WITH, "--kind", kind, "m.py").stdout
    assert ("CRS001 spam" in found_here) is found


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_ends_the_program_in_the_middle_of_a_rule(tmp_path: Path, jobs: str) -> None:
    """What ends modlint is no failure of the rule that it meets."""
    waits = "import time\nfrom pathlib import Path\nPath('begun').touch()\ntime.sleep(300)\nyield"
    tree = course(tmp_path, rule_with(waits))
    for name in ("m.py", "n.py"):
        (tree / name).write_text(MODULE + "# " + "x" * 150_000 + "\n")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "modlint", "check", *WITH, "--kind", "module", "--jobs", jobs],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (tree / "begun").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    said, _ = process.communicate(timeout=60)
    assert (process.returncode, said) == (128 + signal.SIGTERM, "")
