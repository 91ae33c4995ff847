"""Courses with rules of their own, for the tests."""

from __future__ import annotations

from pathlib import Path

FOLDER = "course_rules"
#: Finds each name ``spam`` and tells on standard error that it was loaded.
SPAM = '''
import ast, sys
from modlint.rules.base import ModuleRule
from modlint.diagnostics import Severity

sys.stderr.write("CANARY\\n")

class NoSpam(ModuleRule):
    """A name that the course does not use."""

    code = "CRS001"
    name = "no-spam"
    severity = Severity.INFO

    def check(self, module):
        for unit in module.parsed_units:
            for node in ast.walk(unit.tree):
                if isinstance(node, ast.Name) and node.id == "spam":
                    yield self.diagnostic(unit.index, unit.start(node), unit.end(node), "spam")
'''
MODULE = "# %%\nspam = 1\n"


def course(folder: Path, rule: str = SPAM, file: str = "crs001_no_spam.py") -> Path:
    """A course in ``folder`` with one rule of its own, named in its settings, and one module."""
    (folder / FOLDER).mkdir(exist_ok=True)
    (folder / FOLDER / file).write_text(rule)
    (folder / "pyproject.toml").write_text(f'[tool.modlint]\nlocal-rules = "{FOLDER}"\n')
    (folder / "m.py").write_text(MODULE)
    return folder


def rule_with(check: str, *, above: str = "", code: str = "CRS001", name: str = "no-spam") -> str:
    """The text of a rule with this body of ``check``."""
    body = "\n".join(f"        {line}" for line in check.split("\n"))
    return (
        "from dataclasses import replace\n"
        "from modlint.rules.base import ModuleRule\n"
        "from modlint.diagnostics import *\n"
        f"{above}\n"
        "class Local(ModuleRule):\n"
        '    """What it finds."""\n'
        f"    code, name, severity = {code!r}, {name!r}, Severity.WARNING\n"
        "    def check(self, module):\n"
        f"{body}\n"
    )
