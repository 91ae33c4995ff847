"""``modlint fix --interactive``: each fix shown, asked for and written; on a terminal and off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import REFERENCE_NOTEBOOK, Run
from terminals import ended, terminal

TWO = '# %%\nprint("one")\n\n# %%\nprint("two")\n'
GUARD = 'if __name__ == "__main__":\n'
ONE_MENDED = f'# %%\n{GUARD}    print("one")\n\n# %%\nprint("two")\n'
TWO_MENDED = f'# %%\nprint("one")\n\n# %%\n{GUARD}    print("two")\n'
BOTH_MENDED = f'# %%\n{GUARD}    print("one")\n\n# %%\n{GUARD}    print("two")\n'
UNSAFE = "# %%\ndef enable():\n    global on\n    on = 1\n\nenable()\n"
#: Two functions of one name: only the author can choose.
CHOICE = "# %%\ndef f(x) -> None:\n    x.append(1)\n\n# %%\ndef f(x) -> int:\n    return 1\n"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "m.py"
    path.write_text(TWO)
    return path


@pytest.mark.parametrize(
    ("answers", "text", "code"),
    [
        ("y\ny\n", BOTH_MENDED, 0),
        ("y\nn\n", ONE_MENDED, 1),
        ("n\ny\n", TWO_MENDED, 1),
        ("n\nn\n", TWO, 1),
        ("a\n", BOTH_MENDED, 0),
        ("y\nq\n", ONE_MENDED, 1),
        ("y\nd\n", ONE_MENDED, 1),
        ("d\n", TWO, 1),
        ("y\n", ONE_MENDED, 1),  # the answers end: nothing further is applied
        ("", TWO, 1),
        ("y", ONE_MENDED, 1),
        ("what?\n\nYes\nQUIT\n", ONE_MENDED, 1),  # what is no answer is asked again
    ],
)
def test_what_is_accepted_is_written(
    modlint: Run, module: Path, answers: str, text: str, code: int
) -> None:
    result = modlint("fix", "--interactive", "m.py", stdin=answers)
    assert module.read_text() == text
    assert result.exit_code == code


def test_where_all_is_declined_it_does_not_say_that_nothing_was_to_fix(
    modlint: Run, module: Path
) -> None:
    for answers in ("n\nn\n", "q\n", ""):
        result = modlint("fix", "-i", "m.py", stdin=answers)
        assert result.stderr.splitlines()[-1] == "Nothing applied. 2 problems left."
    module.write_text("# %%\nX = 1\n")
    assert modlint("fix", "-i", "m.py", stdin="").stderr == "Nothing to fix.\n"


def test_a_fix_is_shown_with_its_message_and_its_own_diff(modlint: Run, module: Path) -> None:
    result = modlint("fix", "-i", "m.py", stdin="y\nq\n")
    first, _, second = result.stdout.partition("m.py:6:1:")  # a line lower than before
    assert first == (
        "m.py:2:1: IMP002 [*] print() runs on import\n"
        "@@ -1,5 +1,6 @@\n"
        " # %%\n"
        '-print("one")\n'
        '+if __name__ == "__main__":\n'
        '+    print("one")\n'
        " \n"
        " # %%\n"
        ' print("two")\n'
    )
    assert '+    print("two")\n' in second
    assert result.stderr == (
        "(1/2) Apply this fix [y,n,a,d,q,?]? y\n"
        "(2/2) Apply this fix [y,n,a,d,q,?]? q\n"
        "Applied 1 fix in 1 file. 1 problem left.\n"
    )


def test_the_end_of_the_answers_is_told(modlint: Run, module: Path) -> None:
    result = modlint("fix", "-i", "m.py", stdin="")
    assert "The answers have ended: nothing further is applied.\n" in result.stderr


def test_help_names_each_key(modlint: Run, module: Path) -> None:
    result = modlint("fix", "-i", "m.py", stdin="?\nq\n")
    for key in "ynadq?":
        assert f"\n{key} - " in result.stderr


def test_all_of_a_rule_goes_on_over_files_and_leaves_other_rules(
    modlint: Run, module: Path, tmp_path: Path
) -> None:
    other = tmp_path / "n.py"
    test = "\n# %%\ndef test_it():\n    assert True\n\ntest_it()\n"
    other.write_text(TWO + test)
    result = modlint("fix", "-i", ".", "--select", "IMP", stdin="a\nn\n")
    assert module.read_text() == BOTH_MENDED
    assert (
        other.read_text() == f"{BOTH_MENDED}\n# %%\ndef test_it():\n    assert True\n\ntest_it()\n"
    )
    assert result.stderr.count("Yes, as to all of IMP002.") == 3
    assert result.stderr.count("Apply this fix") == 2


def test_the_rest_of_a_file_is_not_that_of_the_next(
    modlint: Run, module: Path, tmp_path: Path
) -> None:
    (tmp_path / "n.py").write_text(TWO)
    modlint("fix", "-i", ".", stdin="d\ny\nq\n")
    assert module.read_text() == TWO
    assert (tmp_path / "n.py").read_text() == ONE_MENDED


def test_quitting_ends_all_files(modlint: Run, module: Path, tmp_path: Path) -> None:
    (tmp_path / "n.py").write_text(TWO)
    (tmp_path / "a.py").write_bytes(b"\0")  # looked at, and told of
    result = modlint("fix", "-i", ".", stdin="y\nq\ny\ny\n")
    assert module.read_text() == ONE_MENDED
    assert (tmp_path / "n.py").read_text() == TWO
    assert "1 file not looked at.\n" in result.stderr
    assert result.exit_code == 2


def test_an_unsafe_fix_is_offered_only_when_asked_for(modlint: Run, module: Path) -> None:
    module.write_text(UNSAFE)
    result = modlint("fix", "-i", "m.py", stdin="y\n")
    assert "Apply this fix" not in result.stderr
    assert (result.exit_code, module.read_text()) == (1, UNSAFE)
    result = modlint("fix", "-i", "--unsafe-fixes", "m.py", stdin="y\n")
    assert "IMP003 [-]" in result.stdout
    assert result.exit_code == 0
    assert module.read_text() == UNSAFE.replace("\nenable()", f"\n{GUARD}    enable()")


def test_all_of_a_rule_that_are_safe_are_not_the_unsafe_ones(modlint: Run, module: Path) -> None:
    quiet = "def demo():\n    print(1)\n\ndemo()\n"
    module.write_text(f"# %%\n{quiet}\n{UNSAFE}")
    result = modlint("fix", "-i", "--unsafe-fixes", "--select", "IMP003", "m.py", stdin="a\nn\n")
    assert result.stderr.count("Apply this fix") == 2
    assert module.read_text().endswith("\nenable()\n")
    assert f"{GUARD}    demo()\n" in module.read_text()


@pytest.mark.parametrize("answer", ["n", "y", "a"])
def test_ways_out_are_shown_and_left(modlint: Run, module: Path, answer: str) -> None:
    module.write_text(f"{CHOICE}\n{TWO}")
    result = modlint("fix", "-i", "m.py", stdin=f"{answer}\ny\ny\n")
    assert "1. Keep both" in result.stdout
    prompt = "(1/3) For you to decide, nothing is applied: go on [n,d,q,?]? "
    assert f"{prompt}{answer}\n" in result.stderr
    assert module.read_text() == f"{CHOICE}\n{BOTH_MENDED}"


def test_a_declined_fix_is_not_offered_again(modlint: Run, module: Path) -> None:
    # The same words each time: only their order tells them apart.
    module.write_text("".join(f'# %%\nprint("x")\n\nX{n} = 1\n\n' for n in range(5)))
    result = modlint("fix", "-i", "m.py", stdin="n\ny\nn\ny\nn\n")
    assert result.stderr.count("Apply this fix") == 5
    guarded = [GUARD in cell for cell in module.read_text().split("# %%\n")[1:]]
    assert guarded == [False, True, False, True, False]


def test_yes_to_all_is_what_apply_does(modlint: Run, reference: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_bytes(reference.read_bytes())
    modlint("fix", "--apply", "--unsafe-fixes", other)
    modlint("fix", "-i", "--unsafe-fixes", reference, stdin="y\n" * 99)
    assert reference.read_bytes() == other.read_bytes()


def test_a_file_that_was_changed_meanwhile_stays_as_it_is(
    modlint: Run, module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = TWO + "# theirs\n"
    read = Path.read_text(module)
    assert read == TWO
    from modlint.cli.interactive import Dialogue

    ask = Dialogue.choose

    def meddled(self: Dialogue, offer: object) -> object:
        module.write_text(theirs)
        return ask(self, offer)  # type: ignore[arg-type]

    monkeypatch.setattr(Dialogue, "choose", meddled)
    result = modlint("fix", "-i", "m.py", stdin="y\ny\n")
    assert module.read_text() == theirs
    assert result.exit_code == 2
    assert "was changed by another program meanwhile" in result.stderr


def test_a_notebook_is_shown_by_cells(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.ipynb"
    path.write_bytes(REFERENCE_NOTEBOOK.read_bytes())
    result = modlint("fix", "-i", "--select", "IMP002", "m.ipynb", stdin="y\n")
    assert "--- m.ipynb:cell 4\n+++ m.ipynb:cell 4\n" in result.stdout
    changed = json.loads(path.read_text("utf-8"))["cells"][3]["source"]
    assert GUARD in changed
    assert result.exit_code == 0


def test_with_verify_the_module_is_run_before_it_is_written(modlint: Run, module: Path) -> None:
    result = modlint("fix", "-i", "--verify", "m.py", stdin="y\nn\n")
    assert "m.py: verified: on import nothing but what is left (1)" in result.stderr
    assert module.read_text() == ONE_MENDED


@pytest.mark.parametrize("arguments", [("-",), ("--stdin-filename", "m.py")])
def test_a_module_cannot_come_where_the_answers_do(
    modlint: Run, arguments: tuple[str, ...]
) -> None:
    result = modlint("fix", "--interactive", *arguments, stdin=TWO)
    assert result.exit_code == 2
    assert "reads answers from standard input" in result.stderr


def test_suppressions_are_not_asked_for(modlint: Run, module: Path) -> None:
    assert modlint("fix", "--interactive", "--add-ignores", "m.py").exit_code == 2


def test_on_a_terminal_it_asks_in_colour_and_writes(module: Path) -> None:
    child = terminal(module.parent, "fix", "--interactive", "m.py")
    child.expect_exact("\x1b[32m+    print(")
    child.expect_exact("(1/2) Apply this fix [y,n,a,d,q,?]? ")
    child.sendline("n")
    child.expect_exact("(2/2) Apply this fix [y,n,a,d,q,?]? ")
    child.sendline("")  # on a terminal, nothing typed shows the keys
    child.expect_exact("quit; what was accepted so far is written")
    child.expect_exact("? ")
    child.sendline("y")
    status, said = ended(child)
    assert "Applied 1 fix in 1 file." in said
    assert status == 1
    assert module.read_text() == TWO_MENDED


@pytest.mark.parametrize(("end", "status"), [("eof", 1), ("intr", 130)])
def test_ctrl_d_and_ctrl_c_end_it(module: Path, end: str, status: int) -> None:
    child = terminal(module.parent, "fix", "--interactive", "m.py")
    child.expect_exact("(1/2) Apply this fix [y,n,a,d,q,?]? ")
    child.sendeof() if end == "eof" else child.sendintr()
    assert ended(child)[0] == status
    assert module.read_text() == TWO
