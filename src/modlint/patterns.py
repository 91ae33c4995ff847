"""Names and dotted paths against the patterns that settings and rules hold."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache


@lru_cache(maxsize=4096)
def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a dotted path is one of ``patterns``; remembered, since modules repeat themselves."""
    names, rest = _read(patterns)
    return path in names or (rest is not None and rest.match(path) is not None)


@lru_cache(maxsize=256)
def _read(patterns: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str] | None]:
    """The patterns that stand for themselves, and all others as one."""
    names = frozenset(p for p in patterns if not any(sign in p for sign in "*?["))
    rest = [translate(p) for p in patterns if p not in names]
    return names, re.compile("|".join(rest)) if rest else None
