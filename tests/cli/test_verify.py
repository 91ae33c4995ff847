"""``modlint verify`` and ``modlint fix --verify``: output, exit codes, what is refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exporting import notebook
from support import Run

LOUD = "# %%\ndef test_x():\n    pass\n\ntest_x()\nprint('hi')\n"
QUIET = "# %%\nX = 1\n\nif __name__ == '__main__':\n    print(X)\n"


def test_diagnostics_go_to_stdout_and_the_tests_to_stderr(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(LOUD)
    result = modlint("verify", "m.py")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "m.py:5:1: RUN001 calls test_x() on import",
        "m.py:6:1: RUN001 prints on import",
        "Found 2 problems in 1 file.",
    ]
    assert result.stderr == "m.py: passed: test_x\n"


def test_a_quiet_module_exits_0(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(QUIET)
    result = modlint("verify")
    assert (result.exit_code, result.stdout) == (0, "All checks passed in 1 file.\n")


def test_each_test_is_told_of(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        "# %%\ndef test_a(): pass\ndef test_b(): pass\ndef test_with(argument): pass\n"
        "class TestC:\n    def setup_method(self): self.x = 1\n"
        "    def test_d(self): assert self.x == 1\n    def test_e(self): assert self.x == 2\n"
        "if __name__ == '__main__':\n    test_a()\n"
    )
    result = modlint("verify", "m.py")
    assert result.stderr == (
        "m.py: passed: test_a; never called: test_b, TestC.test_d; failed: TestC.test_e; "
        "not run, for want of arguments: test_with\n"
    )
    assert result.stdout.splitlines()[:-1] == [
        "m.py:3:1: RUN005 test_b passes, but the script run never calls it",
        "m.py:7:5: RUN005 TestC.test_d passes, but the script run never calls it",
        "m.py:8:5: RUN004 TestC.test_e fails: AssertionError",
    ]


def test_a_test_that_is_a_generator_has_not_passed(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        "# %%\ndef test_a():\n    assert 0\n    yield\n"
        "async def test_b():\n    assert 0\n    yield\n"
        "if __name__ == '__main__':\n    test_a()\n    test_b()\n"
    )
    result = modlint("verify", "m.py")
    assert result.stderr == "m.py: failed: test_a, test_b\n"
    words = "fails: TypeError: it is a generator: a call runs nothing of it"
    assert result.stdout.splitlines()[:-1] == [
        f"m.py:2:1: RUN004 test_a {words}",
        f"m.py:5:1: RUN004 test_b {words}",
    ]


def test_a_test_that_only_the_script_passes_is_told_of(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        "# %%\nt = 3\ndef test_a(): assert t == 3\nif __name__ == '__main__':\n    test_a()\n"
        "\n# %%\nt = 7\n"
    )
    result = modlint("verify", "m.py")
    assert (result.exit_code, result.stderr) == (0, "m.py: passed in the script only: test_a\n")


def test_one_fault_is_reported_once(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "test.py").write_text(
        "# %%\ndef test_a():\n    assert 1 == 2\nif __name__ == '__main__':\n    test_a()\n"
    )
    (tmp_path / "import.py").write_text("x = 1 / 0\n")
    assert modlint("verify", "test.py", "import.py").stdout.splitlines()[:-1] == [
        "test.py:2:1: RUN004 test_a fails: AssertionError (line 3)",
        "import.py:1:1: RUN002 import fails: ZeroDivisionError: division by zero",
    ]


def test_json_of_a_notebook(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.ipynb").write_text(notebook("x = 1", "y = 1\nprint(x)"))
    result = modlint("verify", "m.ipynb", "--output-format", "json")
    (entry,) = json.loads(result.stdout)
    assert (entry["code"], entry["cell"]) == ("RUN001", 2)
    assert entry["location"] == {"row": 2, "column": 1}
    assert entry["end_location"] == {"row": 2, "column": 9}


def test_selection(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(LOUD + "x = 1 / 0\n")
    found = json.loads(modlint("verify", "--ignore", "RUN001", "--output-format", "json").stdout)
    assert [d["code"] for d in found] == ["RUN002"]
    found = json.loads(modlint("verify", "--select", "RUN001", "--output-format", "json").stdout)
    assert {d["code"] for d in found} == {"RUN001"}


def test_settings_that_select_other_families_do_not_silence_it(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "m.py").write_text(LOUD)
    (tmp_path / "modlint.toml").write_text('select = ["NBG"]\n')
    assert modlint("verify").exit_code == 1
    (tmp_path / "modlint.toml").write_text('select = ["NBG", "RUN002"]\n')
    assert modlint("verify").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify", "--select", "IMP001"], "IMP001 belongs to `modlint check`"),
        (["check", "--select", "RUN"], "RUN belongs to `modlint verify`"),
        (["verify", "--timeout", "0"], "is not in the range 0<x<=86400"),
        (["verify", "--memory", "1"], "1 is not in the range 64<=x<=1048576"),
    ],
)
def test_wrong_use(modlint: Run, arguments: list[str], words: str) -> None:
    result = modlint(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_what_cannot_be_read_exits_2(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.ipynb").write_text("{")
    assert modlint("verify", "m.ipynb").exit_code == 2
    assert modlint("verify", "nowhere.py").exit_code == 2


def test_standard_input_is_verified_where_it_says_it_stands(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "tinytorch").mkdir()
    (tmp_path / "tinytorch" / "core.py").write_text("X = 1\n")
    text = "from tinytorch.core import X\nprint(X)\n"
    result = modlint("verify", "-", "--stdin-filename", "src/01/m.py", stdin=text)
    assert result.stdout.startswith("src/01/m.py:2:1: RUN001 prints on import")


def test_limits_and_stand_ins_are_passed_on(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("import nothing_one\n")
    assert "nothing_one is not installed" in modlint("verify").stdout
    result = modlint("verify", "--mock-missing")
    assert (result.exit_code, result.stderr) == (
        0, "m.py: stand-ins for missing packages: nothing_one\n"
    )  # fmt: skip
    (tmp_path / "m.py").write_text("while True:\n    pass\n")
    assert "does not end within 1.5 seconds" in modlint("verify", "--timeout", "1.5").stdout
    (tmp_path / "m.py").write_text("x = 'x' * 2**28\n")
    assert "MemoryError" in modlint("verify", "--memory", "128").stdout


def test_what_fails_with_stand_ins_is_not_said_to_pass(modlint: Run, tmp_path: Path) -> None:
    text = "import nothing_one\ndef test_a():\n    assert nothing_one.x == 3\n"
    (tmp_path / "m.py").write_text(text)
    result = modlint("verify", "--mock-missing", "m.py")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "Found nothing in 1 file; 1 test failed with stand-ins.\n",
        "m.py: failed with stand-ins: test_a; stand-ins for missing packages: nothing_one\n",
    )
    main = "if __name__ == '__main__':\n    import nothing_two\n    assert nothing_two.x == 3\n"
    (tmp_path / "n.py").write_text(main)
    (tmp_path / "o.py").write_text("print(1)\n")
    result = modlint("verify", "--mock-missing")
    assert result.stdout.splitlines()[-1] == (
        "Found 1 problem in 1 file. 1 test and 1 script failed with stand-ins."
    )
    assert "n.py: failed with stand-ins: the script; stand-ins for" in result.stderr


def test_the_help_says_that_code_is_executed(modlint: Run) -> None:
    assert "THIS EXECUTES THE CODE" in modlint("verify", "--help").stdout


# --- fix --verify -----------------------------------------------------------------------------


def test_a_verified_fix_is_written(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("# %%\nprint('hi')\n")
    result = modlint("fix", "--apply", "--verify", "m.py")
    assert result.exit_code == 0
    assert result.stderr == (
        "m.py: verified: silent on import, the script does the same\nApplied 1 fix in 1 file.\n"
    )
    assert path.read_text() == "# %%\nif __name__ == \"__main__\":\n    print('hi')\n"


def test_without_apply_the_diff_and_the_finding_are_shown(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("# %%\nprint('hi')\n")
    result = modlint("fix", "--verify", "m.py")
    assert result.exit_code == 1
    assert "+    print('hi')" in result.stdout
    assert result.stderr.startswith("m.py: verified: silent on import")
    assert path.read_text() == "# %%\nprint('hi')\n"


#: Who reads its own text prints something else once the text is changed.
READS_ITSELF = "# %%\nprint('rows:', len(list(open(__file__))))\nprint('end')\n"


@pytest.mark.parametrize("apply", [True, False])
def test_a_fix_that_changes_what_the_script_prints_is_refused(
    modlint: Run, tmp_path: Path, apply: bool
) -> None:
    path = tmp_path / "m.py"
    path.write_text(READS_ITSELF)
    result = modlint("fix", "--verify", *["--apply"] * apply, "m.py")
    assert result.exit_code == 2
    assert path.read_text() == READS_ITSELF
    assert result.stderr.splitlines()[:3] == [
        "error: m.py: not fixed: its script prints something else:",
        "  - rows: 3",
        "  + rows: 4",
    ]
    assert ("+if __name__" in result.stdout) is not apply


@pytest.mark.parametrize("options", [(), ("--select", "IMP")])
def test_a_fix_that_leaves_the_import_loud_is_refused(
    modlint: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    text = (
        "# %%\nclass A:\n    def __add__(self, o):\n        print('add')\n"
        "print('hi')\nx = list(map(print, [1]))\n"
    )
    (tmp_path / "m.py").write_text(text)
    result = modlint("fix", "--verify", "--apply", *options, "m.py")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == (
        "error: m.py: not fixed: line 7 of the fixed module: prints on import"
    )
    assert (tmp_path / "m.py").read_text() == text


def test_what_is_left_to_the_author_does_not_keep_the_rest_from_being_fixed(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "m.py").write_text(
        "# %%\nprint('hi')\n\n# %%\ndef enable():\n    global on\n    on = 1\n\nenable()\n"
    )
    result = modlint("fix", "--verify", "--apply", "m.py")
    assert result.exit_code == 1
    assert "verified: on import nothing but what is left (1), the script does" in result.stderr


@pytest.mark.parametrize(
    "value",
    ["time.perf_counter_ns()", "hex(id(object()))", "f'{time.time() % 1000:9.4f} s'"],
)
def test_numbers_that_change_from_run_to_run_are_left_out(
    modlint: Run, tmp_path: Path, value: str
) -> None:
    (tmp_path / "m.py").write_text(f"# %%\nimport time\n\n# %%\nprint('time', {value})\n")
    result = modlint("fix", "--verify", "--apply", "m.py")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        0, "m.py: verified: silent on import, the script does the same"
    )  # fmt: skip


def test_a_script_that_fails_must_fail_in_the_same_way(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("# %%\nprint('hi')\nif __name__ == '__main__':\n    raise ValueError(3)\n")
    assert modlint("fix", "--verify", "--apply", "m.py").exit_code == 0


@pytest.mark.parametrize(
    ("line", "failure"),
    [
        ("raise RuntimeError('boom')", "fails at line 8 of the fixed module (RuntimeError: boom)"),
        ("raise SystemExit(3)", "fails at line 8 of the fixed module (it exits with status 3)"),
        ("import os; os._exit(3)", "fails (the process ends with status 3)"),
        ("open('/etc/x', 'w')", "fails at line 8 of the fixed module (PermissionError: [Errno 13] "
         "verify lets nothing outside be changed: '/etc/x')"),
    ],
)  # fmt: skip
def test_what_a_script_that_fails_does_not_reach_is_not_called_verified(
    modlint: Run, tmp_path: Path, line: str, failure: str
) -> None:
    path = tmp_path / "m.py"
    path.write_text(
        f"# %%\ndef f():\n    {line}\n\n# %%\nprint('one')\nf()\n\n# %%\nprint('two')\n"
    )
    result = modlint("fix", "--verify", "--apply", "m.py")
    said = result.stderr.splitlines()[0]
    assert said.startswith("m.py: verified as far as it runs: ")
    assert said.endswith(f"; the script {failure}, before and after; what follows was not seen")
    assert "    print('two')" in path.read_text()


def test_a_script_that_dies_on_a_stand_in_is_not_called_verified(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "m.py").write_text(
        "# %%\nimport nothing_one\n\n# %%\ndef f():\n    assert nothing_one.x == 3\n\n"
        "f()\n\n# %%\nprint('two')\n"
    )
    result = modlint("fix", "--verify", "--mock-missing", "m.py")
    assert result.stderr.splitlines()[0] == (
        "m.py: verified as far as it runs: silent on import; the script fails at line 9 of the "
        "fixed module (AssertionError), before and after; what follows was not seen; "
        "stand-ins for missing packages: nothing_one"
    )


def test_a_script_that_ends_the_process_can_be_compared(modlint: Run, tmp_path: Path) -> None:
    text = "# %%\nimport os\nprint('hi', flush=True)\nif __name__ == '__main__':\n    os._exit(3)\n"
    (tmp_path / "m.py").write_text(text)
    assert modlint("fix", "--verify", "--apply", "m.py").exit_code == 0


def test_a_module_that_cannot_be_imported_is_not_verified(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nimport nothing_one\n\nprint('hi')\n")
    result = modlint("fix", "--verify", "--apply", "m.py")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == (
        "error: m.py: not fixed: line 2 of the fixed module: "
        "import fails: nothing_one is not installed"
    )


def test_a_missing_package_can_be_replaced_by_a_stand_in(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nimport nothing_one\n\nprint(nothing_one.x is None)\n")
    result = modlint("fix", "--verify", "--mock-missing", "--apply", "m.py")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        0,
        "m.py: verified: silent on import, the script does the same; "
        "stand-ins for missing packages: nothing_one",
    )
    for option in (["--mock-missing"], ["--timeout", "5"], ["--memory", "900"]):
        result = modlint("fix", *option, "m.py")
        assert result.exit_code == 2
        assert f"{option[0]} is for --verify." in result.stderr


ALLOWED = {
    "the print is suppressed": "print('kept')  # modlint: ignore[IMP002] it is the lesson",
    "everything there is suppressed": "print('kept')  # modlint: ignore",
    "what was seen is suppressed": "kept = list(map(print, [1]))  # modlint: ignore[RUN001] so",
    "a call that is allowed": "banner()",
    "an allowed call in another": "title = len(banner())",
}


@pytest.mark.parametrize("line", ALLOWED.values(), ids=ALLOWED)
def test_what_its_author_allows_may_go_on_acting(modlint: Run, tmp_path: Path, line: str) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.modlint]\nallow-calls = ["banner"]\n')
    text = f"# %%\ndef banner():\n    print('welcome')\n    return ''\n\n{line}\n\n# %%\n"
    (tmp_path / "m.py").write_text(f"{text}print('hi')\n")
    result = modlint("fix", "--verify", "--apply", "--ignore", "MET003", "m.py")
    # An allowed call that stands alone is no act.
    seen = "silent on import" if line == "banner()" else "on import nothing but what is allowed (1)"
    assert result.stderr.splitlines()[0] == f"m.py: verified: {seen}, the script does the same"
    assert (tmp_path / "m.py").read_text() == (
        f"{text}if __name__ == \"__main__\":\n    print('hi')\n"
    )


def test_what_is_allowed_does_not_hide_what_is_beside_it(modlint: Run, tmp_path: Path) -> None:
    text = (
        "# %%\nprint('kept')  # modlint: ignore[IMP002] so\n"
        "x = list(map(print, [1]))\n\n# %%\nprint('hi')\n"
    )
    (tmp_path / "m.py").write_text(text)
    result = modlint("fix", "--verify", "--apply", "m.py")
    assert result.exit_code == 2
    assert "line 3 of the fixed module: prints on import" in result.stderr


def test_a_script_that_does_not_end_cannot_be_compared(modlint: Run, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    text = "# %%\nprint('hi')\nif __name__ == '__main__':\n    while True:\n        pass\n"
    path.write_text(text)
    result = modlint("fix", "--verify", "--apply", "--timeout", "1", "m.py")
    assert result.exit_code == 2
    assert "its script cannot be compared: it does not end within 1 seconds" in result.stderr
    assert path.read_text() == text


def test_without_verify_nothing_is_run(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(READS_ITSELF)
    assert modlint("fix", "--apply", "m.py").exit_code == 0


def test_a_notebook_is_fixed_and_verified(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.ipynb").write_text(notebook("x = 1", "print(x)"))
    result = modlint("fix", "--verify", "--apply", "--select", "IMP", "m.ipynb")
    assert result.exit_code == 0
    assert "verified" in result.stderr
    assert modlint("verify", "m.ipynb").exit_code == 0


@pytest.mark.parametrize(
    "option", [("--timeout", "nan"), ("--timeout", "inf"), ("--memory", str(10**20))]
)
def test_limits_that_are_none_are_refused(
    modlint: Run, tmp_path: Path, option: tuple[str, str]
) -> None:
    (tmp_path / "m.py").write_text("# %%\nX = 1\n")
    result = modlint("verify", *option, "m.py")
    assert (result.exit_code, "Invalid value" in result.stderr) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_a_run_starts_and_writes_does_not_outlive_the_program(
    tmp_path: Path, number: signal.Signals
) -> None:
    (tmp_path / "m.py").write_text(
        "import subprocess, time\nsubprocess.Popen(['sleep', '600'])\ntime.sleep(600)\n"
    )
    folder = tmp_path / "tmp"
    folder.mkdir()
    command = [sys.executable, "-m", "modlint", "verify", "m.py"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # `nohup pytest` ignores one
    ) as process:
        sleeper = _only_child(_only_child(process.pid))
        process.send_signal(number)
        process.send_signal(number)  # as a shell that ends and the terminal that closes
        assert process.wait(60) == 128 + number
    assert not _runs(sleeper)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_run_outlives_the_program(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "m.py").write_text("# %%\nimport time\ntime.sleep(600)\n")
    command = [sys.executable, "-m", "modlint", "verify", "m.py"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        child = _only_child(process.pid)
        process.send_signal(number)
        process.wait(60)
    for _ in range(600):
        if not _runs(child):
            break
        time.sleep(0.1)
    assert not _runs(child)


def _runs(process: int) -> bool:
    """Whether a process is there, and is not merely waiting for its end to be noticed."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _only_child(parent: int) -> int:
    for _ in range(600):
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        if found:
            return int(found[0])
        time.sleep(0.1)
    raise AssertionError("verify started no child")
