"""What is kept never shows: with the cache, each run writes the same bytes as without it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modlint import cache
from modlint.__main__ import main
from modlint.cli.telling import FORMATS
from modlint.settings import Settings
from support import REFERENCE, REFERENCE_NOTEBOOK, ROOT, how_many

CELLS = [
    "X = 1\n",
    'print("hi")\n',
    "def test_x():\n    pass\n\ntest_x()\n",
    "def f() -> int:\n    return 'a'\n",
    "def f(\n",
    "#| export\ndef g(): pass\n",
    'for n in range(3):\n    print("é", n)\n',
    'print("hi")  # modlint: ignore[IMP002, NBG001]\n',
]
SETTINGS = [
    "",
    '[tool.modlint]\nignore = ["IMP"]\n',
    '[tool.modlint]\nexclude = ["sub"]\n',
    '[tool.modlint]\nselect = ["MET", "IMP002"]\n',
    '[tool.modlint]\nper-file-ignores = {"sub/" = ["NBG"]}\n',
]
OPTIONS = [
    [],
    ["--output-format", "json"],
    ["--select", "IMP"],
    ["sub", "m.py"],
    ["m.py"],
    ["--statistics"],
    ["--statistics", "--output-format", "json"],
    ["--exit-zero"],
    ["--quiet", "m.py"],
    *(["--output-format", name] for name in FORMATS if name != "json"),
]
#: Options with which a run says something on standard error, or checks nothing.
UNKEPT = [["--output-file", "out"], ["--verbose"], ["--show-files"], ["--baseline", "kept.json"]]


class Result(NamedTuple):
    """What a run did."""

    code: object
    out: str
    err: str


Check = Callable[..., Result]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small course: a pair, a file in a folder."""
    _write(tmp_path, "m.py", [0, 1])
    _write(tmp_path, "m.ipynb", [0, 2])
    _write(tmp_path, "sub/a.py", [2])
    return tmp_path


def _write(folder: Path, name: str, cells: list[int]) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    texts = [CELLS[number] for number in cells]
    if name.endswith(".py"):
        path.write_text("".join(f"# %%\n{text}\n" for text in texts), "utf-8")
        return
    listed: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"c{at}", "metadata": {}, "outputs": [],
         "execution_count": None, "source": text}
        for at, text in enumerate(texts)
    ]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "3", "language": "python"}}
    book = {"cells": listed, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book), "utf-8")


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, tree: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Run ``modlint check`` from its very start, in the course's folder."""
    monkeypatch.chdir(tree)
    # Files of a test are always young; how far that is trusted has a test of its own.
    monkeypatch.setattr(cache, "_YOUNG", 0)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["modlint", "check", "--kind", "module", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Result(ended.value.code, *capsys.readouterr())

    return run


def _is_answered(*arguments: str) -> bool:
    return cache.Answer(["check", "--kind", "module", *arguments]).recall() is not None


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_a_second_run_is_answered_with_the_same_bytes(check: Check, options: list[str]) -> None:
    cold = check("--no-cache", *options)
    assert not _is_answered(*options)
    assert check(*options) == cold
    assert _is_answered(*options)
    assert check(*options) == cold


@pytest.mark.parametrize("options", UNKEPT, ids=" ".join)
def test_a_run_that_says_more_is_not_answered(check: Check, options: list[str]) -> None:
    Path("kept.json").write_text('{"version": 1, "files": {"sub/a.py": {"NBG001": 1}}}')
    cold = check("--no-cache", *options)
    assert check(*options) == cold
    assert check(*options) == cold
    assert not _is_answered(*options)
    assert cold.err or options[0] in ("--show-files", "--output-file")


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_written_by_each_run(check: Check, tree: Path, name: str) -> None:
    out = tree / "out"
    options = ("--output-format", name, "--output-file", "out")
    cold = check("--no-cache", *options)
    data = out.read_bytes()
    for _ in range(2):
        out.unlink()
        assert check(*options) == cold
        assert out.read_bytes() == data


def test_a_changed_page_is_seen_in_sarif(
    check: Check, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = tree / "pages"
    shutil.copytree(ROOT / "rules", pages)
    monkeypatch.setattr("modlint.pages._folder", lambda: pages)
    options = ("--output-format", "sarif")
    check(*options)
    assert _is_answered(*options)
    page = pages / "IMP002-import-time-print.md"
    page.write_text(page.read_text("utf-8") + "\nA new line.\n", "utf-8")
    assert not _is_answered(*options)
    assert "A new line." in check(*options).out


@pytest.mark.parametrize("name", ["sarif", "github", "gitlab"])
def test_a_new_work_tree_is_seen(
    check: Check, tree: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree / "sub")
    options = ("--output-format", name)
    before = check(*options).out
    assert _is_answered(*options)
    (tree / ".git").mkdir()
    assert not _is_answered(*options)
    assert "sub/a.py" in check(*options).out
    assert "sub/a.py" not in before


def test_what_a_terminal_shows_is_not_kept_where_it_depends_on_its_width(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--output-format", "full")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    check(*options)
    assert not _is_answered(*options)
    check()
    assert _is_answered()


def test_a_quiet_baseline_is_answered_until_it_changes(check: Check, tree: Path) -> None:
    kept = tree / "kept.json"
    kept.write_text('{"version": 1, "files": {"sub/a.py": {"NBG001": 1}}}')
    (tree / "modlint.toml").write_text("baseline = 'kept.json'\n")
    options = ("--quiet",)
    cold = check("--no-cache", *options)
    assert check(*options) == cold
    assert _is_answered(*options)
    kept.write_text('{"version": 1, "files": {}}')
    assert not _is_answered(*options)
    assert check(*options) == check("--no-cache", *options) != cold


def test_colour_is_kept_apart(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = check()
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = check()
    assert "\x1b[" not in plain.out
    assert "\x1b[" in coloured.out
    assert check() == coloured
    monkeypatch.delenv("FORCE_COLOR")
    assert check() == plain


def test_a_change_of_extended_settings_is_seen(check: Check, tree: Path) -> None:
    (tree / "sub" / "modlint.toml").write_text("extend = '../base/all.toml'\n")
    (tree / "base").mkdir()
    (tree / "base" / "all.toml").write_text("ignore = ['NBG']\n")
    before = check()
    assert check() == before
    assert _is_answered()
    (tree / "base" / "all.toml").write_text("ignore = ['IMP']\n")
    after = check()
    assert after == check("--no-cache")
    assert after != before


def _edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def _edit_unseen(path: Path, old: str, new: str) -> None:
    """Keep the size and the time of the last change, as some programs do."""
    known = path.stat()
    _edit(path, old, new)
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert path.stat().st_size == known.st_size


@pytest.mark.parametrize(
    "change",
    [
        lambda: _edit(Path("m.py"), "print", "\nprint"),
        lambda: _edit_unseen(Path("m.py"), "print", "exec_"),
        lambda: _edit(Path("m.ipynb"), "X = 1", "X = 2"),
        lambda: Path("m.ipynb").unlink(),
        lambda: shutil.copy("m.py", "sub/b.py"),
        lambda: shutil.copy("m.ipynb", "sub/a.ipynb"),
        lambda: Path("pyproject.toml").write_text(SETTINGS[1]),
        lambda: Path("modlint.toml").write_text('ignore = ["NBG"]\n'),
        lambda: Path("modlint.toml").write_text('per-file-ignores = {"m.py" = ["IMP"]}\n'),
        lambda: Path("modlint.toml").write_text("include = ['sub/']\n"),
        lambda: Path("sub/pyproject.toml").write_text(SETTINGS[1]),
        lambda: Path("sub/modlint.toml").write_text('select = ["CEL"]\n'),
        lambda: _edit(Path("m.py"), 'print("hi")', 'print("hi")  # modlint: ignore[IMP002]'),
        lambda: Path(".gitignore").write_text("sub\n"),
        lambda: Path("sub/.gitignore").write_text("a.py\n"),
        lambda: Path("sub").rename(".hidden"),
        lambda: Path("sub/broken.py").symlink_to("nowhere"),
        lambda: Path("modlint.toml").symlink_to("nowhere"),
    ],
)
def test_a_change_is_seen(check: Check, change: Callable[[], object]) -> None:
    before = check()
    assert check() == before
    change()
    after = check()
    assert after == check("--no-cache")
    assert after != before


@settings(max_examples=how_many(10, 30), deadline=None)
@given(st.data())
def test_any_edits_give_what_a_cold_run_gives(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
        patch.chdir(name)
        patch.setenv("MODLINT_CACHE_DIR", os.path.join(name, ".kept"))
        patch.setattr(cache, "_YOUNG", data.draw(st.sampled_from([0, 2])))
        for _ in range(data.draw(st.integers(2, 6))):
            file = data.draw(st.sampled_from(["m.py", "m.ipynb", "sub/a.py", "sub/b.py"]))
            cells = data.draw(st.lists(st.integers(0, len(CELLS) - 1), max_size=4))
            _write(Path(name), file, cells)
            Path("sub").mkdir(exist_ok=True)
            for place in ("pyproject.toml", "sub/pyproject.toml"):
                Path(place).write_text(data.draw(st.sampled_from(SETTINGS)))
            options = data.draw(st.sampled_from(OPTIONS[:3]))
            runs = [_run(patch, ["--no-cache", *options])]
            runs += [_run(patch, options) for _ in range(data.draw(st.integers(1, 3)))]
            assert all(run == runs[0] for run in runs)


def _run(patch: pytest.MonkeyPatch, options: list[str]) -> Result:
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    out, err = StringIO(), StringIO()
    patch.setattr(sys, "argv", ["modlint", "check", "--kind", "module", *options])
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main()
    return Result(ended.value.code, out.getvalue(), err.getvalue())


def test_a_result_is_kept_for_each_file(
    check: Check, monkeypatch: pytest.MonkeyPatch, tree: Path
) -> None:
    check()
    asked: list[str] = []

    def note(path: str, *others: object, **options: object) -> None:
        asked.append(path)
        raise AssertionError(f"{path} was checked again")

    _write(tree, "new.py", [0])
    monkeypatch.setattr("modlint.modules.report_path", note)
    with pytest.raises(AssertionError):
        check()
    assert asked == ["new.py"]


def test_edits_are_computed_when_json_asks_for_them(check: Check) -> None:
    check()  # text: no edits are kept
    cold = check("--no-cache", "--output-format", "json")
    assert check("--output-format", "json") == cold
    assert check() == check("--no-cache")


def test_a_file_just_changed_is_held_to_its_content(
    check: Check, monkeypatch: pytest.MonkeyPatch, tree: Path
) -> None:
    """A later change could show the same times: they are not trusted."""
    monkeypatch.setattr(cache, "_YOUNG", 1000)
    before = check()
    assert not _is_answered()
    known = cache.signature("m.py")
    _edit_unseen(tree / "m.py", "print", "exec_")
    monkeypatch.setattr(cache, "signature", lambda path: known)
    assert check().out != before.out


@pytest.mark.parametrize("how", ["cut", "empty", "flip", "swap", "code"])
def test_a_damaged_entry_counts_as_none(check: Check, own_cache: Path, how: str) -> None:
    cold = check()
    entries = sorted(own_cache.iterdir())
    assert len(entries) == 5  # three results, the answer, what the files are for
    contents = [path.read_bytes() for path in entries]
    for at, path in enumerate(entries):
        data = bytearray(contents[at])
        if how == "cut":
            data = data[: len(data) // 2]
        elif how == "empty":
            data = bytearray()
        elif how == "flip":
            data[len(data) // 2] ^= 4
        elif how == "swap":
            data = bytearray(contents[at - 1])
        else:
            data = bytearray(b"\x80\x04import os\n.")
        path.write_bytes(data)
    assert check() == cold
    assert check() == cold


@pytest.mark.parametrize("name", ["__version__", "program"])
def test_another_program_finds_nothing(
    check: Check, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    check()
    assert _is_answered()
    monkeypatch.setattr(cache, name, "9" if name == "__version__" else lambda: ("other",))
    assert not _is_answered()
    assert cache.Results().find("m.py", None, Settings(), cache.Trace()) is None


def test_a_changed_source_is_another_program(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "modlint", tmp_path / "modlint")
    probe = "from modlint import cache; print(hash(repr(cache.program())))"

    def program() -> str:
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONHASHSEED": "1"}
        command = [sys.executable, "-c", probe]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    before = program()
    assert program() == before
    _edit_unseen(tmp_path / "modlint" / "rules" / "base.py", "What a rule", "That a rule")
    assert program() != before


def test_a_folder_that_cannot_be_written_is_no_error(
    check: Check, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cold = check("--no-cache")
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "under", Path("/proc/none")):
        monkeypatch.setenv("MODLINT_CACHE_DIR", str(place))
        assert check() == cold
    monkeypatch.setattr(cache, "folder", lambda: None)
    assert check() == cold


@pytest.mark.skipif(sys.platform == "win32", reason="files have no owner's number there")
def test_a_folder_of_somebody_else_is_not_used(
    check: Check, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    check()
    assert not list(own_cache.iterdir())


def test_where_the_cache_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MODLINT_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert cache.folder() == "/x/modlint"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert cache.folder() == str(tmp_path / ".cache" / "modlint")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache.folder() == str(tmp_path / "Library" / "Caches" / "modlint")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert cache.folder() == str(tmp_path / "modlint")


def test_the_folder_is_bounded(check: Check, own_cache: Path) -> None:
    check()
    entries = sorted(own_cache.iterdir())
    for age, path in enumerate(entries):
        os.utime(path, (1000 + age, 1000 + age))
    cache.trim(sum(path.stat().st_size for path in entries) - 1)
    assert sorted(own_cache.iterdir()) == entries[1:]
    cache.trim(0)
    assert not list(own_cache.iterdir())


def test_clean_removes_what_is_its_own(check: Check, own_cache: Path) -> None:
    from click.testing import CliRunner

    from modlint.cli import main as command_line

    check()
    (own_cache / "diary.txt").write_text("mine")
    result = CliRunner().invoke(command_line, ["clean"])
    assert result.stderr == "Removed 5 kept results.\n"
    assert [path.name for path in own_cache.iterdir()] == ["diary.txt"]
    assert CliRunner().invoke(command_line, ["clean"]).exit_code == 0


def test_two_runs_at_once(tree: Path, own_cache: Path) -> None:
    command = [sys.executable, "-P", "-m", "modlint", "check", "--kind", "module"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    runs = [
        subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = {run.communicate()[0] for run in runs}
    assert len(outputs) == 1
    assert {run.returncode for run in runs} == {1}
    assert len(list(own_cache.iterdir())) in (4, 5)  # files just written have no answer yet


#: Notes each path that is opened or listed, as Python itself sees it.
WATCH = """
import os, sys
opened = set()
def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str):
        opened.add(os.path.abspath(arguments[0]))
from modlint.cli import main
from modlint import cache
from modlint.rules import all_rules
import libcst, nbformat, pathspec, yaml, tomllib
all_rules()
class Note:
    def keep(self, code, text, trace):
        seen = {os.path.abspath(path) for path in trace.seen}
        print(*sorted(opened - seen), sep="\\n", file=sys.stderr)
        print(len(opened & seen), file=sys.stderr)
sys.addaudithook(note)
main(["check", "--kind", "module", "--jobs", "1", *sys.argv[1:]], obj=Note())
"""


def test_whatever_a_run_reads_is_noted(tree: Path, own_cache: Path) -> None:
    (tree / ".gitignore").write_text("*_x.py\n")
    (tree / "pyproject.toml").write_text(SETTINGS[1])
    (tree / "sub" / "modlint.toml").write_text("extend = '../base.toml'\n")
    (tree / "base.toml").write_text("baseline = 'kept.json'\n")
    (tree / "kept.json").write_text('{"version": 1, "files": {}}')
    done = subprocess.run(
        [sys.executable, "-c", WATCH, ".", "sub/a.py"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    *others, count = done.stderr.split("\n")[:-1]
    mine = (str(own_cache), str(ROOT / "src"), sys.prefix, sys.base_prefix)
    assert [path for path in others if path and not path.startswith(mine)] == []
    # Two folders, three files, .gitignore, three files of settings, a baseline.
    assert int(count) >= 10


def test_the_reference_modules(check: Check) -> None:
    paths = [str(REFERENCE), str(REFERENCE_NOTEBOOK)]
    for options in ([], ["--output-format", "json"]):
        cold = check(*options, "--no-cache", "--jobs", "1", *paths)
        assert check(*options, *paths) == cold
        assert check(*options, *paths) == cold
