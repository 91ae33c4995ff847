"""Courses with rules of their own, for the tests."""

from __future__ import annotations

from pathlib import Path

FOLDER = "course_rules"
#: Finds each name ``spam`` and tells on standard error that it was loaded.
SPAM = '''
import ast, sys
from modlint.api import ModuleRule, Severity

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
#: A rule without a fix, and its page.
BY_HAND = '''"""CRS001: no spam."""

import ast

from modlint.api import ModuleRule, Severity


class NoSpam(ModuleRule):
    """A call of ``breakpoint``: whoever imports the module stops in the debugger."""

    code = "CRS001"
    name = "no-spam"
    severity = Severity.WARNING

    def check(self, module):
        """One diagnostic for each call."""
        for unit in module.parsed_units:
            for node in ast.walk(unit.tree):
                if isinstance(node, ast.Call) and unit.segment(node.func) == "breakpoint":
                    message = "breakpoint() stops whoever runs this"
                    yield self.diagnostic(unit.index, unit.start(node), unit.end(node), message)
'''
BY_HAND_PAGE = """# CRS001: no-spam

Severity: warning. Fix: none.

## What it does

Reports a call of `breakpoint`.

## Why it matters

Whoever runs the function stops in the debugger, and a grader waits until it is ended.

## Example

```python bad lines=3
# %%
def double(x):
    breakpoint()
    return 2 * x
```

Reported: line 3. By hand:

```python good by-hand
# %%
def double(x):
    return 2 * x
```

## Fix

There is none: only the author knows what the line was for.

## Fix safety

Nothing is changed.
"""


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
        "\n"
        "from modlint.api import *\n"
        f"{above}\n"
        "class Local(ModuleRule):\n"
        '    """What it finds."""\n'
        f"    code, name, severity = {code!r}, {name!r}, Severity.WARNING\n"
        "    def check(self, module):\n"
        f"{body}\n"
    )


#: A visitor that writes another name for ``spam``, what is no Python for ``bare``, and fails on
#: ``boom``.
VISITOR = '''
import libcst as cst
from libcst import matchers as m
from modlint.api import Severity, StatementRule


class Spam(StatementRule):
    """A name that the course does not use."""

    code, name, severity = "CRS001", "no-spam", Severity.WARNING

    def visit_Name(self, node):
        if m.matches(node, m.Name("spam")):
            self.report(node, "spam", replacement=cst.Name("ham"))
        if m.matches(node, m.Name("bare")):
            self.report(node, "bare", replacement=cst.Name("class"))
        if m.matches(node, m.Name("boom")):
            {}["x"]
'''
