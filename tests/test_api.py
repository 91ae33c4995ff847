"""The public API, and what start-up may import."""

from __future__ import annotations

import subprocess
import sys

import modlint


def test_the_public_api_checks_and_fixes_a_module() -> None:
    settings = modlint.Settings()
    file = modlint.read(b'# %%\nprint("hi")\n')
    (diagnostic,) = modlint.lint(file, settings)
    assert isinstance(diagnostic, modlint.Diagnostic)
    assert diagnostic.code == "IMP002"
    outcome = modlint.fix(file, [diagnostic], settings)
    assert outcome.file.text == '# %%\nif __name__ == "__main__":\n    print("hi")\n'


def test_every_name_of_the_api_is_there() -> None:
    assert all(getattr(modlint, name) for name in modlint.__all__)


def _imported_by(*arguments: str) -> set[str]:
    probe = (
        "import sys\n"
        "from modlint.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(*sorted(m for m in sys.modules if '.' not in m), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, *arguments],
        input="# %%\nX = 1\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


def test_start_up_imports_only_what_it_uses() -> None:
    heavy = {"libcst", "nbformat", "rich", "pathspec", "jupytext", "nbgrader", "markdown_it"}
    assert not heavy & _imported_by("--version")
    # A module in which nothing may act at import is checked without LibCST.
    assert not heavy & _imported_by("check", "-")
