"""Discovery: which files a folder stands for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modlint.discovery import Failure, discover
from modlint.settings import Settings

Tree = Callable[..., None]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.chdir(tmp_path)

    def make(**files: str) -> None:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_py", ".py").replace("DOT", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return make


def found(*paths: str, settings: Settings | None = None) -> list[str]:
    results = list(discover(paths or (".",), lambda folder: settings or Settings()))
    assert not [r for r in results if isinstance(r, Failure)]
    return [str(r) for r in results]


def test_files_of_a_folder_in_order_each_once(tree: Tree) -> None:
    tree(b__two_py="", a_py="", b__one_py="", b__notesDOTtxt="")
    assert found() == ["a.py", "b/one.py", "b/two.py"]
    assert found("b", "a.py", "b/one.py") == ["b/one.py", "b/two.py", "a.py"]


def test_hidden_folders_and_build_output_are_passed_over(tree: Tree) -> None:
    tree(a_py="", DOThidden__x_py="", build__x_py="", venv__x_py="")
    assert found() == ["a.py"]


def test_gitignore_is_respected_the_deepest_file_deciding(tree: Tree) -> None:
    tree(
        DOTgitignore="out/\nscratch*.py\n",
        m__DOTgitignore="!scratch_kept.py\n",
        a_py="",
        out__x_py="",
        scratch_py="",
        m__scratch_kept_py="",
        m__scratch_other_py="",
    )
    assert found() == ["a.py", "m/scratch_kept.py"]
    assert found("m") == ["m/scratch_kept.py"]


def test_a_gitignore_above_the_given_folder_counts_inside_its_repository(
    tree: Tree, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    tree(DOTgitignore="/m/skip.py\n", m__skip_py="", m__keep_py="")
    assert found("m") == ["m/keep.py"]


def test_a_file_named_outright_is_always_taken(tree: Tree) -> None:
    tree(DOTgitignore="*.py\n", a_py="")
    assert found("a.py") == ["a.py"]


def test_exclude_of_the_settings(tree: Tree) -> None:
    tree(a_py="", tests__x_py="", tests__deep__y_py="")
    assert found(settings=Settings(exclude=("tests/",))) == ["a.py"]


def test_notebooks_are_module_files_too(tree: Tree) -> None:
    tree(a_py="", aDOTipynb="{}", DOTipynb_checkpoints__aDOTipynb="{}")
    assert found() == ["a.ipynb", "a.py"]
