"""Modules that misbehave: nothing hangs, fills the memory, stays behind or changes the tree."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from execution.seeing import SHORT, acts, observed, said
from exporting import notebook
from modlint.execution.observation import Limits
from support import ROOT

FOREVER = "while True:\n    pass\n"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scratch folders are made: it tells this test's processes from all others."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def processes(marker: str) -> list[str]:
    """The command lines of running processes that hold ``marker``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if marker in words:
            found.append(words)
    return found


def test_an_import_that_does_not_end(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    message = "import fails: it does not end within 2 seconds"
    assert said(path, "x = 1\n" + FOREVER, limits=SHORT) == [("RUN002", 2, message)]


def test_a_script_that_does_not_end(tmp_path: Path) -> None:
    text = "x = 1\nif __name__ == '__main__':\n    " + FOREVER.replace("\n", "\n    ") + "\n"
    message = "script run fails: it does not end within 2 seconds"
    assert said(tmp_path / "m.py", text, limits=SHORT) == [("RUN003", 1, message)]


def test_a_test_that_does_not_end_keeps_none_from_being_run(tmp_path: Path) -> None:
    text = (
        "def test_a(): pass\ndef test_b():\n    while True: pass\n"
        "def test_c():\n    assert False, 'c'\ndef test_d():\n    import os; os._exit(7)\n"
        "def test_e(): pass\n"
    )
    found = observed(tmp_path / "m.py", text, limits=SHORT)
    words = {name: trouble.words if trouble else "" for name, trouble in found.tests.items()}
    assert words == {
        "test_a": "",
        "test_b": "it does not end within 2 seconds",
        "test_c": "AssertionError: c",
        "test_d": "the process ends with status 7",
        "test_e": "",
    }


def test_memory_is_limited(tmp_path: Path) -> None:
    text = "x = 'a' * 2**30\n"
    found = said(tmp_path / "m.py", text, limits=Limits(memory=256))
    assert found == [("RUN002", 1, "import fails: MemoryError")]


def test_a_flood_is_stopped_and_little_of_it_is_kept(tmp_path: Path) -> None:
    text = "if __name__ == '__main__':\n    while True:\n        print('x' * 10_000)\n"
    found = observed(tmp_path / "m.py", text)
    assert found.script is not None
    assert found.script.trouble is not None
    assert found.script.trouble.words == "it prints more than 50 MB"
    assert len(found.script.stdout) <= 1_000_000


def test_much_output_is_no_fault(tmp_path: Path) -> None:
    text = "if __name__ == '__main__':\n    for n in range(3000):\n        print('x' * 1000)\n"
    assert said(tmp_path / "m.py", text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os\nos._exit(3)\n", "import fails: the process ends with status 3"),
        ("import os\nos._exit(0)\n", "import fails: the process ends with status 0"),
        ("import os\nos.abort()\n", "import fails: SIGABRT ends the process"),
        ("import sys\nsys.exit()\n", "import fails: it exits"),
        ("import sys\nsys.exit(4)\n", "import fails: it exits with status 4"),
        ("import sys\nsys.exit('no data')\n", "import fails: it exits: no data"),
        ("x = 1\ninput('name? ')\n", "import fails: EOFError: EOF when reading a line"),
        ("x = 1\nraise KeyboardInterrupt\n", "import fails: KeyboardInterrupt"),
        ("x = 1\nnope\n", "import fails: NameError: name 'nope' is not defined"),
        ("x = 1\ny = = 2\n", "import fails: SyntaxError: invalid syntax"),
    ],
)  # fmt: skip
def test_an_import_that_ends_otherwise(tmp_path: Path, text: str, message: str) -> None:
    found = [d for d in said(tmp_path / "m.py", text) if d[0] == "RUN002"]
    assert found == [("RUN002", 2, message)]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.exit(2)", "script run fails: it exits with status 2"),
        ("os._exit(2)", "script run fails: the process ends with status 2"),
        ("raise ValueError('a\\nb')", "script run fails: ValueError: a"),
    ],
)
def test_a_script_that_ends_otherwise(tmp_path: Path, code: str, message: str) -> None:
    text = f"import os, sys\nif __name__ == '__main__':\n    {code}\n"
    ((rule, _, words),) = said(tmp_path / "m.py", text)
    assert (rule, words) == ("RUN003", message)


def test_what_is_left_behind_is_killed(tmp_path: Path) -> None:
    marker = f"left-behind-{os.getpid()}"
    sleeper = f"import time; time.sleep(600)  # {marker}"
    text = (
        "import subprocess, sys\n"
        f"run = [sys.executable, '-c', {sleeper!r}]\n"
        "for own_session in (False, True):\n"
        "    subprocess.Popen(run, start_new_session=own_session)\n"
    )
    assert acts(tmp_path / "m.py", text) == {3: ["starts a process"]}
    assert processes(marker) == []


def test_a_tree_of_forks_is_killed(tmp_path: Path, temporary: Path) -> None:
    text = (
        "import os, time\nif __name__ == '__main__':\n"
        "    for _ in range(4): os.fork()\n    time.sleep(600)\n"
    )
    path = tmp_path / "forking.py"
    message = "script run fails: it does not end within 2 seconds"
    assert said(path, text, limits=SHORT) == [("RUN003", 1, message)]
    assert processes(str(temporary)) == []


def test_a_forked_copy_says_nothing_twice(tmp_path: Path) -> None:
    text = "import os\nif os.fork() == 0:\n    pass\nx = 1\n"
    assert acts(tmp_path / "m.py", text) == {2: ["starts a process"]}


def test_threads_that_run_on_hinder_nothing(tmp_path: Path) -> None:
    text = (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "def test_a(): pass\n"
    )
    found = observed(tmp_path / "m.py", text, limits=SHORT)
    assert [words for a in found.acting for _, words in a.acts] == ["starts a thread"]
    assert found.import_trouble is None
    assert found.tests == {"test_a": None}
    assert found.script is not None  # waits for its threads, as every script does
    assert found.script.trouble is not None
    assert found.script.trouble.words == "it does not end within 2 seconds"


def test_files_land_in_the_scratch_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "values.txt").write_text("real")
    (tmp_path / "pyproject.toml").write_text("")
    folder = tmp_path / "modules"
    folder.mkdir()
    text = (
        "from pathlib import Path\n"
        "DATA = Path(__file__).parent.parent / 'data'\n"
        "def test_a():\n"
        "    values = DATA / 'values.txt'\n"
        "    assert values.read_text() == 'real'\n"
        "    values.write_text('changed')\n"
        "    assert values.read_text() == 'changed'\n"
        "    Path('beside').write_text('new')\n"
        "    Path.home().joinpath('.cache').mkdir()\n"
    )
    found = observed(folder / "m.py", text)
    assert found.tests == {"test_a": None}
    assert {p.name for p in tmp_path.rglob("*")} == {
        "data", "modules", "m.py", "pyproject.toml", "values.txt"
    }  # fmt: skip
    assert (tmp_path / "data" / "values.txt").read_text() == "real"


def test_a_file_elsewhere_cannot_be_changed(tmp_path: Path) -> None:
    course, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    course.mkdir()
    elsewhere.write_text("real")
    text = f"def test_a():\n    open({str(elsewhere)!r}, 'w')\n"
    ((code, row, message),) = said(course / "m.py", text)
    assert (code, row) == ("RUN004", 1)
    assert "verify lets nothing outside be changed" in message
    assert elsewhere.read_text() == "real"


def test_a_new_temporary_file_is_allowed_and_taken_away(tmp_path: Path) -> None:
    new, existing = Path(f"/tmp/modlint-test-{os.getpid()}"), Path("/tmp") / f"there-{os.getpid()}"
    existing.write_text("real")
    text = (
        f"import os\ndef test_a():\n    os.makedirs('{new}/inner')\n"
        f"    open('{new}/inner/x', 'w').close()\n    os.remove('{new}/inner/x')\n"
        f"def test_b():\n    open('{existing}', 'w')\n"
    )
    try:
        found = observed(tmp_path / "m.py", text)
        assert found.tests["test_a"] is None
        assert found.tests["test_b"] is not None
        assert not new.exists()
        assert existing.read_text() == "real"
    finally:
        existing.unlink()


def test_a_module_may_change_its_folder_and_edit_itself(tmp_path: Path) -> None:
    text = (
        "import os\n"
        "if __name__ == '__main__':\n"
        "    os.mkdir('inner')\n    os.chdir('inner')\n"
        "    open('x', 'w').close()\n"
        "    with open(__file__, 'a') as stream: stream.write('# edited')\n"
        "    assert open(__file__).read().endswith('edited')\n"
    )
    path = tmp_path / "m.py"
    assert said(path, text) == []
    assert path.read_text() == text
    assert {p.name for p in tmp_path.iterdir()} == {"m.py"}


def test_output_that_is_no_text(tmp_path: Path) -> None:
    text = (
        "import os\nif __name__ == '__main__':\n    os.write(1, b'\\xff')\n    print('\\udc80é')\n"
    )
    found = observed(tmp_path / "m.py", text)
    assert found.script is not None
    assert found.script.stdout == "\\xff\\udc80é\n"


def test_a_module_in_another_encoding(tmp_path: Path) -> None:
    text = "# -*- coding: latin-1 -*-\ndef test_a():\n    assert 'é' == chr(233)\n".encode(
        "latin-1"
    )
    assert observed(tmp_path / "m.py", text).tests == {"test_a": None}


@pytest.mark.parametrize("name", ["random", "types", "json", "child", "test"])
def test_a_module_named_as_another(tmp_path: Path, name: str) -> None:
    text = "X = 1\ndef test_a():\n    assert X == 1\n"
    assert observed(tmp_path / f"{name}.py", text).tests == {"test_a": None}


def test_a_module_whose_name_is_no_identifier(tmp_path: Path) -> None:
    assert observed(tmp_path / "01 tensor.py", "def test_a(): pass\n").tests == {"test_a": None}


def test_missing_packages_are_named(tmp_path: Path) -> None:
    text = "import json\nimport nothing_one\nfrom nothing_two.x import y\n"
    hint = "; `--mock-missing` does without"
    both = f"import fails: missing: nothing_one, nothing_two{hint}"
    assert said(tmp_path / "m.py", text) == [("RUN002", 2, both)]
    one = f"import fails: nothing_one is not installed{hint}"
    assert said(tmp_path / "m.py", "import nothing_one\n") == [("RUN002", 1, one)]


STAND_INS = """\
import json
import nothing_one.inner as one
from nothing_two.x import Base, decorator, compute
try:
    import nothing_three
except ImportError:
    nothing_three = None
class Model(Base):
    def __init__(self, size):
        super().__init__(size)
        self.size = size
@decorator
def f(x): return one.area(x) * 2 + one.PI
@decorator(3)
def g(x): return x
def test_a():
    assert nothing_three is None
    assert Model(3).size == 3
    for _ in compute(Model(1)): raise ValueError
    with one.opened() as stream: print(f"{stream:.2f} {f(3) < 1}")
    assert isinstance(compute(1), Base) is False
def test_b():
    assert compute(2) == 3
x = compute(1)
print(round(x), x[0:2], len(x))
y = 1
"""


def test_stand_ins_let_a_module_be_judged_alone(tmp_path: Path) -> None:
    found = observed(tmp_path / "m.py", STAND_INS, mock_missing=True)
    assert found.import_trouble is None
    assert found.mocked == ("nothing_one", "nothing_two")
    assert found.tests["test_a"] is None
    assert found.tests["test_b"] is not None
    # A failing test says nothing where stand-ins are in play.
    assert said(tmp_path / "m.py", STAND_INS, mock_missing=True) == [
        ("RUN001", 25, "prints on import")
    ]


def test_what_is_needed_somewhere_is_not_optional(tmp_path: Path) -> None:
    text = "import nothing_one\ntry:\n    import nothing_one\nexcept ImportError:\n    pass\n"
    assert observed(tmp_path / "m.py", text, mock_missing=True).mocked == ("nothing_one",)


def test_only_the_course_gets_stand_ins(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("try: import nothing_one\nexcept ImportError: X = 1\n")
    text = "from other import X\nimport nothing_two\n"
    assert observed(tmp_path / "m.py", text, mock_missing=True).mocked == ("nothing_two",)


def test_a_stand_in_of_the_course_is_of_the_course(tmp_path: Path) -> None:
    text = "from tinytorch.core import Tensor\nx = Tensor(3)\n"
    assert acts(tmp_path / "m.py", text, mock_missing=True) == {2: ["Tensor()"]}


def test_what_stand_ins_make_fail_stops_no_import(tmp_path: Path) -> None:
    text = "import nothing_one\nx = [1, 2][nothing_one.table['a']['b'].c + 'd']\nprint('x')\n"
    assert acts(tmp_path / "m.py", text, mock_missing=True) == {3: ["prints"]}


def test_a_syntax_error_in_a_notebook_stops_at_its_cell(tmp_path: Path) -> None:
    found = observed(tmp_path / "m.ipynb", notebook("x = 1", "def f(:\n    pass"))
    assert found.import_trouble is not None
    assert (found.import_trouble.outer.cell, found.import_trouble.outer.row) == (1, 1)


def test_nothing_of_a_run_is_left_in_the_temporary_folder(tmp_path: Path, temporary: Path) -> None:
    course = tmp_path / "course"
    course.mkdir()
    observed(course / "m.py", "import os\nos.mkdir('locked', 0)\nopen('x', 'w').close()\n")
    assert list(temporary.iterdir()) == []


def test_an_interrupted_run_ends_with_its_children(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "m.py").write_text(FOREVER)
    command = [sys.executable, "-m", "modlint", "verify", "--timeout", "600", "m.py"]
    around = os.environ | {"PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(temporary)}
    process = subprocess.Popen(command, cwd=tmp_path, env=around)
    try:
        while not processes(str(temporary)):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
    finally:
        process.kill()
    assert processes(str(temporary)) == []
    assert list(temporary.iterdir()) == []


REBINDS = "t = 3\ndef test_a():\n    'Of 3.'\n    assert t == 3\n{call}\nt = 7\n"
CALLS = {
    "called where it passes": ("test_a()", []),
    "called under the guard": ("if __name__ == '__main__':\n    test_a()", []),
    "never called": ("", ["RUN004"]),
    "called a second time, where it fails": (
        "test_a()\nt = 4\ntry:\n    test_a()\nexcept AssertionError:\n    pass", ["RUN004"]
    ),
    "called, but the script breaks off": (
        "test_a()\nif __name__ == '__main__':\n    raise ValueError", ["RUN003", "RUN004"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("call", "codes"), CALLS.values(), ids=CALLS)
def test_a_test_that_passes_where_the_script_calls_it_does_not_fail(
    tmp_path: Path, call: str, codes: list[str]
) -> None:
    found = said(tmp_path / "m.py", REBINDS.format(call=call))
    assert sorted(code for code, _, _ in found if code not in ("RUN001", "RUN005")) == codes
