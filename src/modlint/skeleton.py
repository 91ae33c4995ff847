"""The first text of a course's own rule and its page: they work, and are there to be changed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from modlint.local import LocalRulesError, file_name, objection_to_code

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_RULE = '''"""{code}: {what}."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Diagnostic, Severity
from modlint.rules.base import ModuleRule


class {kind}(ModuleRule):
    """A call of ``breakpoint``: whoever imports the module stops in the debugger."""

    code = "{code}"
    name = "{name}"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each call."""
        for unit in module.parsed_units:
            for node in ast.walk(unit.tree):
                if isinstance(node, ast.Call) and unit.segment(node.func) == "breakpoint":
                    message = "breakpoint() stops whoever runs this"
                    yield self.diagnostic(unit.index, unit.start(node), unit.end(node), message)
'''
_PAGE = """# {code}: {name}

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


def write_skeleton(folder: str, code: str, name: str) -> tuple[str, str]:
    """Write a rule and its page into ``folder``, which is made where it is not there.

    The paths of both. Raises :class:`LocalRulesError`, with nothing written, and OSError.
    """
    if objection := objection_to_code(code):
        raise LocalRulesError(objection)
    if not _NAME.fullmatch(name):
        raise LocalRulesError(f"{name!r} is no name: words of small letters, joined by -")
    rule = Path(folder, file_name(code, name))
    page = Path(folder, f"{code}-{name}.md")
    if rule.parent.is_dir():
        for there in sorted(os.listdir(rule.parent)):
            if there.lower().startswith((f"{code.lower()}_", f"{code.lower()}-")):
                raise LocalRulesError(f"{code} is there already: {os.path.join(folder, there)}")
    rule.parent.mkdir(parents=True, exist_ok=True)
    kind = "".join(word.capitalize() for word in name.split("-"))
    what = name.replace("-", " ")
    for path, text in ((rule, _RULE), (page, _PAGE)):
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text.format(code=code, name=name, kind=kind, what=what))
    return str(rule), str(page)
