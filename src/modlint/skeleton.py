"""The first text of a course's own rule and its page: they work, and are there to be changed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from modlint.local import LocalRulesError, file_name, objection_to_code

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_RULE = '''"""{code}: {what}."""

from __future__ import annotations

import libcst as cst
from libcst import matchers as m

from modlint.api import Severity, StatementRule


class {kind}(StatementRule):
    """A function of the course that has another name now."""

    code = "{code}"
    name = "{name}"
    severity = Severity.WARNING

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """Report the old name, and show the new one."""
        if m.matches(node, m.Attribute(m.Name("tools"), m.Name("old_name"))):
            new = node.with_changes(attr=cst.Name("new_name"))
            self.report(node, "tools.old_name is tools.new_name now", replacement=new)
'''
_PAGE = """# {code}: {name}

Severity: warning. Fix: unsafe.

## What it does

Reports `tools.old_name`.

## Why it matters

The function has another name now: whoever runs the line gets an `AttributeError`.

## Example

```python bad lines=6
# %%
import tools

# %%
def double(x):
    return tools.old_name(2 * x)  # twice
```

Reported: line 6. `modlint fix --apply --unsafe-fixes` writes:

```python good unsafe
# %%
import tools

# %%
def double(x):
    return tools.new_name(2 * x)  # twice
```

## Fix

Writes `tools.new_name` in its place.

## Fix safety

Unsafe: what the new function does is not known.
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
