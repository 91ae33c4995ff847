"""The public API, and the kit that rules are written with."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import modlint
import modlint.api


def test_the_public_api_checks_and_fixes_a_module() -> None:
    settings = modlint.Settings()
    file = modlint.read(b'# %%\nprint("hi")\n')
    (diagnostic,) = modlint.lint(file, settings)
    assert isinstance(diagnostic, modlint.Diagnostic)
    assert diagnostic.code == "IMP002"
    outcome = modlint.fix(file, [diagnostic], settings)
    assert outcome.file.text == '# %%\nif __name__ == "__main__":\n    print("hi")\n'


@pytest.mark.parametrize("of", [modlint, modlint.api], ids=lambda of: str(of.__name__))
def test_every_name_of_the_api_is_there_and_shown(of: ModuleType) -> None:
    assert all(getattr(of, name) for name in of.__all__)
    assert dir(of) == sorted(of.__all__) == list(of.__all__)
    assert not hasattr(of, "Rule")
    with pytest.raises(ImportError, match="Rule"):
        exec(f"from {of.__name__} import Rule")


def test_the_rule_kit_imports_what_is_asked_for_and_no_libcst() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, modlint.api\n"
            "print(*(name for name in sys.modules if name.startswith('modlint')))\n"
            "from modlint.api import *\n"
            "print('libcst' in sys.modules, StatementRule.__name__)\n",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "modlint modlint.api\nFalse StatementRule\n"
