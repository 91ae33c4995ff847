"""Words and phrases of a course's prose, as its settings name them."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def phrases(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any of ``patterns`` in a text or an identifier, whatever the case.

    A pattern is a word or several; space, ``-`` and ``_`` between them are all the
    same, ``*`` stands for the rest of a word: ``trade-off*`` finds ``Trade offs`` and
    ``trade_off``. Without any pattern, nothing matches.
    """
    parts = [
        r"[\s_-]+".join(
            re.escape(word).replace(r"\*", r"[^\W_]*") for word in re.split(r"[\s_-]+", pattern)
        )
        for pattern in patterns
        if pattern.strip()
    ]
    if not parts:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])", re.IGNORECASE)
