"""The codes of all rules, told by the names of their files: no rule is imported for them."""

from __future__ import annotations

import os
from functools import cache

#: The folder of the rules that judge a module that ran.
_EXECUTES = "running"


@cache
def codes(*, executes: bool | None = None) -> tuple[str, ...]:
    """The code of every rule; of those alone that run modules, or do not, where ``executes``."""
    found = []
    rules = os.path.join(os.path.dirname(__file__), "rules")
    for folder in os.listdir(rules):
        if "." in folder or (executes is not None and executes is not (folder == _EXECUTES)):
            continue
        for name in os.listdir(os.path.join(rules, folder)):
            if name.endswith(".py") and not name.startswith("_"):
                found.append(name.split("_")[0].upper())
    return tuple(sorted(found))
