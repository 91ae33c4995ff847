"""The codes of all rules, told by the names of their files: no rule is imported for them."""

from __future__ import annotations

import os
from functools import cache

#: The folder of the rules that judge a module that ran.
_EXECUTES = "running"


@cache
def homes() -> dict[str, str]:
    """The code of every rule, in order → its module below ``modlint.rules``."""
    found = {}
    rules = os.path.join(os.path.dirname(__file__), "rules")
    for folder in os.listdir(rules):
        if "." in folder:
            continue
        for name in os.listdir(os.path.join(rules, folder)):
            if name.endswith(".py") and not name.startswith("_"):
                found[name.split("_")[0].upper()] = f"{folder}.{name.removesuffix('.py')}"
    return dict(sorted(found.items()))


@cache
def codes(*, executes: bool | None = None) -> tuple[str, ...]:
    """The code of every rule; of those alone that run modules, or do not, where ``executes``."""
    return tuple(
        code
        for code, home in homes().items()
        if executes is None or executes is home.startswith(f"{_EXECUTES}.")
    )


@cache
def names() -> tuple[tuple[str, str], ...]:
    """Code and name of every rule: ``IMP001``, ``unguarded-test-call``."""
    files = {code: home.rpartition(".")[2] for code, home in homes().items()}
    return tuple((code, file[7:].replace("_", "-")) for code, file in files.items())
