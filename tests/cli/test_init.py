"""``modlint init``: what it shows, what it writes, and all that it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from modlint.initial import PRE_COMMIT, WORKFLOW
from support import ROOT, Run

MODULE = "# %%\nX = 1\n"
SOURCE = ("--repo", "https://git.example.org/modlint", "--rev", "v1")
ENTRY = {
    "repo": "https://git.example.org/modlint",
    "rev": "v1",
    "hooks": [{"id": "modlint-check", "files": "^src/"}],
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A git repository with two modules in the manner of TinyTorch, and a script beside."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for name in ("src/01_tensor/01_tensor.py", "src/02_layers/02_layers.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(MODULE)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "release.py").write_text("print(1)\n")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def test_it_writes_settings_hook_and_workflow(modlint: Run, course: Path) -> None:
    result = modlint("init", "--yes", *SOURCE)
    assert result.exit_code == 0, result.output
    settings = tomllib.loads((course / "modlint.toml").read_text())
    assert settings == {"include": ["/src/"], "baseline": "modlint-baseline.json"}
    assert yaml.safe_load((course / PRE_COMMIT).read_text()) == {"repos": [ENTRY]}
    (job,) = yaml.safe_load((course / WORKFLOW).read_text())["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [
        "pip install git+https://git.example.org/modlint@v1",
        "modlint check --output-format github",
    ]
    assert modlint("check").stdout == "All checks passed in 2 files.\n"


def test_what_is_written_was_shown_before(modlint: Run, course: Path) -> None:
    shown = modlint("init", *SOURCE, stdin="y\n")
    assert shown.exit_code == 0
    assert "Write 3 files? [y/N]: " in shown.stderr
    for name in ("modlint.toml", PRE_COMMIT, WORKFLOW):
        added = "".join(f"+{line}\n" for line in (course / name).read_text().splitlines())
        assert f"+++ {name}\n" in shown.stdout
        assert added in shown.stdout


@pytest.mark.parametrize(
    ("options", "answer", "code"),
    [((), "n\n", 1), ((), "\n", 1), ((), "", 1), (("--dry-run",), "y\n", 0)],
)
def test_without_a_yes_nothing_is_written(
    modlint: Run, course: Path, options: tuple[str, ...], answer: str, code: int
) -> None:
    before = contents(course)
    result = modlint("init", *SOURCE, *options, stdin=answer)
    assert result.exit_code == code
    assert "+++ modlint.toml\n" in result.stdout
    assert contents(course) == before


def test_a_second_time_changes_nothing_and_says_why(modlint: Run, course: Path) -> None:
    modlint("init", "--yes", *SOURCE)
    before = contents(course)
    result = modlint("init", "--yes", *SOURCE)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "modlint.toml: left alone: the settings are there already\n"
        f"{PRE_COMMIT}: left alone: it has a hook of modlint already\n"
        f"{WORKFLOW}: left alone: it runs modlint already\n"
        "Nothing to write.\n"
    )
    assert contents(course) == before


def test_outside_of_a_repository_only_the_settings_are_written(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "01_intro.py").write_text(MODULE)
    result = modlint("init", "--yes")
    assert result.exit_code == 0
    assert sorted(contents(tmp_path)) == ["01_intro.py", "modlint.toml"]
    assert f"{PRE_COMMIT}: left alone: this is no git repository\n" in result.stderr
    assert 'include = ["/[0-9]*_*.py"]' in (tmp_path / "modlint.toml").read_text()
    assert modlint("check").exit_code == 0


def test_from_within_a_repository_its_root_gets_them(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course / "src")
    result = modlint("init", "--yes", *SOURCE)
    assert "+++ ../modlint.toml\n" in result.stdout
    assert (course / PRE_COMMIT).is_file()
    assert not (course / "src" / PRE_COMMIT).exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[project]\nname = "x"  # the name\n\n[tool.ruff]\nline-length = 100\n',
        '[project]\nname = "x"',  # no line ending at its end
        '[tool]\r\nother = { a = 1 }\r\n[[tool.list]]\r\nb = "modlint"\r\n',
    ],
)
def test_a_pyproject_gets_a_table_behind_all_that_it_has(
    modlint: Run, course: Path, text: str
) -> None:
    path = course / "pyproject.toml"
    path.write_bytes(text.encode())
    assert modlint("init", "--yes").exit_code == 0
    new = path.read_bytes().decode()
    assert new.startswith(text)
    assert tomllib.loads(new)["tool"]["modlint"]["include"] == ["/src/"]
    assert ("\r\n" in text) == ("[tool.modlint]\r\n" in new)
    assert not (course / "modlint.toml").exists()


@pytest.mark.parametrize("text", ["tool = { ruff = {} }\n", "[project\n", "# modlint\n[tool]\nx"])
def test_a_pyproject_that_takes_no_table_is_left_alone(
    modlint: Run, course: Path, text: str
) -> None:
    (course / "pyproject.toml").write_text(text)
    result = modlint("init", "--yes")
    assert (course / "pyproject.toml").read_text() == text
    assert "pyproject.toml: left alone: " in result.stderr


def test_settings_above_are_settings(
    modlint: Run, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = course / "inner"
    (inner / ".git").mkdir(parents=True)
    (course / "modlint.toml").write_text("")
    monkeypatch.chdir(inner)
    result = modlint("init", "--yes")
    assert "../modlint.toml: left alone: the settings are there already\n" in result.stderr
    assert not (inner / "modlint.toml").exists()


COMMENTED = """\
# Our hooks
default_stages: [pre-commit]  # not on push

repos:
  # whitespace
  - repo: https://git.example.org/hooks
    rev: v4  # pinned
    hooks:
      - id: trailing-whitespace
        args: [--markdown]
        # - id: not-yet

# the service
ci:
  skip: [slow]
"""
BLOCK = """\
repos:
- repo: local
  hooks:
  - id: words
    language: system
    entry: |
      grep -r x

    description: >
      folded
# the end
"""


@pytest.mark.parametrize(
    "text",
    [
        COMMENTED,
        COMMENTED.partition("# the service")[0].rstrip(),
        COMMENTED.replace("\n", "\r\n"),
        BLOCK,
        BLOCK.partition("# the end")[0],
        "repos:\n  - {repo: a, rev: b, hooks: [{id: c}]}\n",
        "exclude: x\nrepos:\n- repo: a\n  rev:\n",
    ],
)
def test_a_hook_is_added_and_no_line_is_lost(modlint: Run, course: Path, text: str) -> None:
    path = course / PRE_COMMIT
    path.write_bytes(text.encode())
    assert modlint("init", "--yes", *SOURCE).exit_code == 0
    new = path.read_bytes().decode()
    before, after = yaml.safe_load(text), yaml.safe_load(new)
    assert after == {**before, "repos": [*before["repos"], ENTRY]}
    left = iter(new.splitlines())
    assert all(line in left for line in text.splitlines())  # all there, in their order
    assert ("\r\n" in text) == ("modlint-check\r\n" in new)


def test_a_comment_that_belongs_to_a_hook_stays_with_it(modlint: Run, course: Path) -> None:
    (course / PRE_COMMIT).write_text(COMMENTED)
    modlint("init", "--yes", *SOURCE)
    assert (course / PRE_COMMIT).read_text() == COMMENTED.replace(
        "        # - id: not-yet\n",
        "        # - id: not-yet\n"
        "  - repo: https://git.example.org/modlint\n"
        "    rev: v1\n"
        "    hooks:\n"
        "      - id: modlint-check\n"
        "        files: ^src/\n",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "repos: [{repo: a}]\n",
        "repos:\n",
        "exclude: x\n",
        "- a\n",
        "word\n",
        "repos: [\n",
        "a: b: c\n",
        "{}\n",
    ],
)
def test_a_pre_commit_file_without_a_place_is_left_alone(
    modlint: Run, course: Path, text: str
) -> None:
    (course / PRE_COMMIT).write_text(text)
    result = modlint("init", "--yes", *SOURCE)
    assert result.exit_code == 0
    assert (course / PRE_COMMIT).read_text() == text
    assert f"{PRE_COMMIT}: left alone: " in result.stderr
    assert "          - id: modlint-check\n" in result.stdout  # to be put there by hand


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("# none yet\nrepos: []\n", "# none yet\nrepos:\n{}"),
        (
            "repos: [ ]  # none yet\n\nci:\n  skip: []\n",
            "repos:  # none yet\n{}\nci:\n  skip: []\n",
        ),
        ("repos: []", "repos:\n{}"),
    ],
)
def test_an_empty_list_of_hooks_gets_one(modlint: Run, course: Path, text: str, new: str) -> None:
    (course / PRE_COMMIT).write_text(text.format())
    modlint("init", "--yes", *SOURCE)
    entry = (
        "  - repo: https://git.example.org/modlint\n"
        "    rev: v1\n"
        "    hooks:\n"
        "      - id: modlint-check\n"
        "        files: ^src/\n"
    )
    assert (course / PRE_COMMIT).read_text() == new.format(entry)


@pytest.mark.parametrize("hook", ["modlint-check", "modlint-fix"])
def test_a_hook_of_modlint_is_left_alone(modlint: Run, course: Path, hook: str) -> None:
    text = f"repos:\n- repo: x\n  rev: y\n  hooks:\n  - id: {hook}\n"
    (course / PRE_COMMIT).write_text(text)
    result = modlint("init", "--yes", *SOURCE)
    assert "it has a hook of modlint already" in result.stderr
    assert (course / PRE_COMMIT).read_text() == text


def test_a_workflow_that_runs_modlint_is_left_alone(modlint: Run, course: Path) -> None:
    other = course / ".github" / "workflows" / "tests.yaml"
    other.parent.mkdir(parents=True)
    other.write_text("jobs: {a: {steps: [{run: modlint check}]}}\n")
    result = modlint("init", "--yes", *SOURCE)
    assert ".github/workflows/tests.yaml: left alone: it runs modlint already\n" in result.stderr
    assert not (course / WORKFLOW).exists()


def test_gitlab_is_shown_what_to_paste(modlint: Run, course: Path) -> None:
    (course / ".gitlab-ci.yml").write_text("test: {script: [x]}\n")
    result = modlint("init", "--yes", *SOURCE)
    assert ".gitlab-ci.yml: left alone: its jobs are yours to arrange" in result.stderr
    job = yaml.safe_load(result.stdout.rpartition("\n    modlint:\n")[2])
    assert job["script"] == [
        "pip install git+https://git.example.org/modlint@v1",
        "modlint check --output-format gitlab --output-file modlint-quality.json",
    ]
    assert job["artifacts"]["reports"] == {"codequality": "modlint-quality.json"}
    assert (course / ".gitlab-ci.yml").read_text() == "test: {script: [x]}\n"
    assert not (course / ".github").exists()


def test_without_a_source_the_hook_is_the_installed_one(modlint: Run, course: Path) -> None:
    result = modlint("init", "--yes")
    (repo,) = yaml.safe_load((course / PRE_COMMIT).read_text())["repos"]
    (hook,) = repo["hooks"]
    (ours,) = [
        hook
        for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
        if hook["id"] == "modlint-check"
    ]
    assert repo["repo"] == "local"
    assert hook.pop("language") == "system"
    assert hook.pop("files") == "^src/"
    assert hook == {key: ours[key] for key in hook}
    assert f"{WORKFLOW}: left alone: where to install modlint from is not known" in result.stderr
    assert not (course / WORKFLOW).exists()


def test_the_source_is_where_modlint_was_installed_from(course: Path, tmp_path: Path) -> None:
    info = tmp_path / "packages" / "modlint-9.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: modlint\nVersion: 9\n")
    (info / "direct_url.json").write_text(
        json.dumps({"url": "https://h.example/m", "vcs_info": {"vcs": "git", "commit_id": "abc"}})
    )
    path = os.pathsep.join([str(info.parent), str(ROOT / "src")])
    subprocess.run(
        [sys.executable, "-m", "modlint", "init", "--yes"],
        cwd=course,
        env={**os.environ, "PYTHONPATH": path},
        check=True,
        capture_output=True,
    )
    (repo,) = yaml.safe_load((course / PRE_COMMIT).read_text())["repos"]
    assert (repo["repo"], repo["rev"]) == ("https://h.example/m", "abc")
    assert "pip install git+https://h.example/m@abc\n" in (course / WORKFLOW).read_text()


@pytest.mark.parametrize(
    ("files", "include", "expression"),
    [
        (["modules/a/x.py"], ["/modules/"], "^modules/"),
        (["a/x.ipynb", "b/y.py"], ["/a/", "/b/"], "^(a/|b/)"),
        (["src/01_a/x.py", "-src/lib/y.py"], ["/src/[0-9]*_*"], "^src/[0-9][^/]*_"),
        (["src/a/x.py", "-src/lib/y.py"], ["/src/"], "^src/"),
        (["01_a.py", "02_b.py"], ["/[0-9]*_*.py"], r"^[0-9][^/]*_[^/]*\.py$"),
        (["a.py", "b.ipynb"], ["/*.py", "/*.ipynb"], r"^([^/]*\.py$|[^/]*\.ipynb$)"),
        (
            ["src/x.py", "n/source/a/x.ipynb", "-n/release/a/x.ipynb"],
            ["/n/source/", "/src/"],
            "^(n/source/|src/)",
        ),
        (["[a]*/x.py", "-a/y.py"], ["/\\[a]\\*/"], r"^\[a\]\*/"),
        (["week one/x.py"], ["/week one/"], "^week\\ one/"),
        (["-lib/x.py"], None, None),
    ],
)
def test_where_modules_are_is_seen(
    modlint: Run,
    tmp_path: Path,
    files: list[str],
    include: list[str] | None,
    expression: str | None,
) -> None:
    (tmp_path / ".git").mkdir()
    for name in files:
        path = tmp_path / name.removeprefix("-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("print(1)\n" if name.startswith("-") else MODULE)
    modlint("init", "--yes")
    assert tomllib.loads((tmp_path / "modlint.toml").read_text()).get("include") == include
    (repo,) = yaml.safe_load((tmp_path / PRE_COMMIT).read_text())["repos"]
    assert repo["hooks"][0].get("files") == expression
    lines = modlint("check", "--show-files").stdout.split("\n")[:-1]
    shown = [line.partition(": ")[0] for line in lines]
    wanted = [name for name in files if not name.startswith("-")] or ["lib/x.py"]
    if include != ["/src/"] or len(files) == 1:
        assert sorted(shown) == sorted(wanted)


def test_a_source_is_a_url_and_a_revision(modlint: Run, course: Path) -> None:
    assert modlint("init", "--repo", "https://x.example").exit_code == 2
    assert modlint("init", "--repo", "https://x.example y", "--rev", "z").exit_code == 2


def test_what_cannot_be_written_is_told(modlint: Run, course: Path) -> None:
    (course / ".github").write_text("no folder\n")
    result = modlint("init", "--yes", *SOURCE)
    assert result.exit_code == 2
    assert f"error: {WORKFLOW}: " in result.stderr
    assert (course / PRE_COMMIT).is_file()


def test_no_link_is_followed(
    modlint: Run, course: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (course / ".github").symlink_to(elsewhere)
    (elsewhere / "hooks.yaml").write_text("repos:\n- repo: a\n  hooks: []\n")
    (course / PRE_COMMIT).symlink_to(elsewhere / "hooks.yaml")
    result = modlint("init", "--yes", *SOURCE)
    assert result.exit_code == 2
    assert f"error: {PRE_COMMIT}: is a link" in result.stderr
    assert f"{WORKFLOW}: left alone: a link leads elsewhere" in result.stderr
    assert contents(elsewhere) == {"hooks.yaml": b"repos:\n- repo: a\n  hooks: []\n"}


@pytest.mark.parametrize("name", [PRE_COMMIT, "pyproject.toml", ".github/workflows/x.yml"])
def test_a_pipe_is_not_waited_for(modlint: Run, course: Path, name: str) -> None:
    (course / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(course / name)
    before = contents(course)
    result = modlint("init", "--dry-run", *SOURCE)
    assert "not a file" in result.stderr
    assert contents(course) == before


SHORT = (
    '# %% nbgrader={"grade": false, "grade_id": "twice", "solution": true}\n'
    "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n\n"
    '# %% nbgrader={"grade": true, "grade_id": "test", "locked": true, "points": 2}\n'
    "assert x == 1\n\n"
    '# %% nbgrader={"grade": false, "grade_id": "given", "solution": false}\nprint(x)\n'
)
TOLERANT = "c = get_config()\nc.ClearSolutions.enforce_metadata = False\n"


@pytest.mark.parametrize(
    ("config", "text", "staged"),
    [
        (TOLERANT, SHORT, True),
        (TOLERANT, SHORT.replace('"grade": ', '"schema_version": 3, "grade": '), False),
        (TOLERANT, "# %%\nx = 1\n", False),
        (TOLERANT.replace("False", "True"), SHORT, False),
        ("c = (", SHORT, False),
        ("", SHORT, False),
    ],
    ids=["staged", "complete", "no metadata", "enforced", "unreadable", "no config"],
)
def test_a_course_that_completes_metadata_itself_is_seen(
    modlint: Run, course: Path, config: str, text: str, staged: bool
) -> None:
    folder = course / "lessons" / "src"
    folder.mkdir(parents=True)
    (folder / "01_a.py").write_text(text)
    if config:
        (course / "lessons" / "nbgrader_config.py").write_text(config)
    modlint("init", "--yes")
    written = "".join(
        (course / name).read_text()
        for name in ("modlint.toml", "pyproject.toml")
        if (course / name).exists()
    )
    assert ("\nstaging = true\n" in written) is staged
