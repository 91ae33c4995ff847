"""The hooks on files with staged and unstaged changes, run by the real pre-commit.

pre-commit takes unstaged changes away while a hook runs and puts them back; nothing of them
may be lost, whatever the hook does to the file. The hooks are those of
``.pre-commit-hooks.yaml``, run by the modlint of this checkout.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from support import ROOT
from tutorial import Scratch

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(),
    reason="pre-commit works on git repositories",
)

CLEAN = (
    '# %%\nA = 1\n\n# %%\nB = 2\n\n# %%\nC = 3\n\n# %%\nif __name__ == "__main__":\n    print(C)\n'
)
LOUD = CLEAN.replace("B = 2", 'print("b")')
MENDED = CLEAN.replace("B = 2", 'if __name__ == "__main__":\n    print("b")')


@pytest.fixture
def course(tmp_path: Path) -> Scratch:
    """A repository with a clean module, and no hook yet."""
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "m.py").write_text(CLEAN)
    scratch = Scratch(tmp_path / "course", tmp_path / "aside")
    scratch.run("git init -q && git add . && git commit -qm start")
    assert scratch.status == 0
    return scratch


def install(course: Scratch, name: str) -> None:
    """Install a hook of ours, as it is described, but for where modlint comes from."""
    described = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (hook,) = [hook for hook in described if hook["id"] == name]
    config = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (course.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    course.run("git add .pre-commit-config.yaml && git commit -qm hook && pre-commit install")
    assert course.status == 0


def edit(course: Scratch, staged: str, unstaged: str) -> None:
    path = course.folder / "m.py"
    path.write_text(staged)
    course.run("git add m.py")
    path.write_text(unstaged)


def contents(course: Scratch) -> tuple[str, str, str]:
    """The module as it is committed, staged, and in the working tree."""
    head, index = course.run("git show HEAD:m.py"), course.run("git show :m.py")
    return head, index, (course.folder / "m.py").read_text()


def test_check_refuses_what_is_staged(course: Scratch) -> None:
    install(course, "modlint-check")
    unstaged = CLEAN + "# mine\n"  # the fault is gone here, which does not count
    edit(course, LOUD, unstaged)
    said = course.run("git commit -qm loud")
    assert course.status == 1
    assert "m.py:5:1: IMP002 [*] print() runs on import" in said
    assert contents(course) == (CLEAN, LOUD, unstaged)


def test_check_lets_pass_what_is_only_in_the_working_tree(course: Scratch) -> None:
    install(course, "modlint-check")
    staged = CLEAN.replace("A = 1", "A = 10")
    unstaged = LOUD.replace("A = 1", "A = 10")
    edit(course, staged, unstaged)
    course.run("git commit -qm quiet")
    assert course.status == 0
    assert contents(course) == (staged, staged, unstaged)


def test_fix_mends_what_is_staged_beside_unstaged_work(course: Scratch) -> None:
    install(course, "modlint-fix")
    far = "".join(f"# %%\nX{n} = {n}\n\n" for n in range(9))  # a patch needs room around it
    edit(course, LOUD + far, LOUD + far + "# mine\n")
    said = course.run("git commit -qm loud")
    assert course.status == 1
    assert "files were modified by this hook" in said
    assert contents(course) == (CLEAN, LOUD + far, MENDED + far + "# mine\n")
    course.run("git add m.py && git commit -qm mended")
    assert course.status == 0
    assert contents(course)[0] == MENDED + far + "# mine\n"


def test_fix_gives_way_to_unstaged_work_in_the_same_place(course: Scratch) -> None:
    install(course, "modlint-fix")
    unstaged = LOUD.replace('print("b")', 'print("b")  # mine')
    edit(course, LOUD, unstaged)
    said = course.run("git commit -qm loud")
    assert course.status == 1
    assert "Stashed changes conflicted with hook auto-fixes" in said
    assert contents(course) == (CLEAN, LOUD, unstaged)


def test_fix_leaves_a_file_alone_that_is_not_staged(course: Scratch) -> None:
    install(course, "modlint-fix")
    (course.folder / "n.py").write_text(CLEAN)
    course.run("git add n.py")
    (course.folder / "m.py").write_text(LOUD)
    course.run("git commit -qm other")
    assert course.status == 0
    assert contents(course) == (CLEAN, CLEAN, LOUD)
