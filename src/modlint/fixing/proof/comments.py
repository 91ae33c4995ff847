"""Promise 5: comments and strings are kept to the byte, but for those that the fix declares."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from modlint.diagnostics import Change, Fix
from modlint.notebook.grader_config import GraderConfig
from modlint.notebook.regions import near_miss

#: What a fix may put into other words: near misses of what nbdev reads.
_REWORDED = {
    Change.DIRECTIVES: re.compile(
        r"#\s*\|\s*[\w-]+:?(?:\s+[\w./]+)?\s*$|#\s*+\|?\s*+\w*exp", re.IGNORECASE
    ),
}


def comments_objection(old: str, new: str, fix: Fix, by: GraderConfig) -> str | None:
    """Why the text ``new`` may not take the place of ``old``: something in it is lost."""
    lost = [c for c in comments(old) - comments(new) if not _may_go(c, fix, by)]
    if fix.change is Change.COMMENTS and comments(new).total() < comments(old).total():
        return "would lose a comment"
    if lost:
        return f"would lose the comment {min(lost)!r}"
    if fix.change not in (Change.ANNOTATIONS, Change.CODE) and strings(old) - strings(new):
        return "would change the text of a string"
    return None


def _may_go(comment: str, fix: Fix, by: GraderConfig) -> bool:
    """Whether a comment is one that the fix says it puts into other words."""
    if fix.change is Change.COMMENTS:
        return True
    if fix.change is Change.REGIONS:
        return near_miss(comment, by) is not None
    if fix.change is Change.SUPPRESSIONS:
        return True  # all but the suppression in it was seen to be the same
    pattern = _REWORDED.get(fix.change)
    return pattern is not None and pattern.match(comment) is not None


def comments(source: str) -> Counter[str]:
    """How often each comment stands in code that parses."""
    return _found(source)[0]


def strings(source: str) -> Counter[str]:
    """How often each string stands in code that parses."""
    return _found(source)[1]


#: A comment, or a string with its prefix: in code that parses, what comes first is one.
_COMMENT_OR_STRING = re.compile(
    r"""\#[^\r\n]*
    |(?:\b[A-Za-z]{1,2})?
     (?:\'\'\'(?:[^\\]|\\.)*?\'\'\'|"""
    r'''"""(?:[^\\]|\\.)*?"""|'(?:[^'\\\n]|\\(?:\r\n|.))*'|"(?:[^"\\\n]|\\(?:\r\n|.))*")''',
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=256)
def _found(source: str) -> tuple[Counter[str], Counter[str]]:
    """How often each comment, and each string, stands in code that parses.

    ``tokenize`` finds the same, and takes ten times as long.
    """
    comments: Counter[str] = Counter()
    strings: Counter[str] = Counter()
    for text in _COMMENT_OR_STRING.findall(source):
        (comments if text[0] == "#" else strings)[text] += 1
    return comments, strings
