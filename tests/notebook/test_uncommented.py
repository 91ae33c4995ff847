"""Which comments jupytext un-comments: jupytext itself is the oracle."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupytext.magics import is_magic, uncomment_magic

from modlint.notebook.uncommented import Taken, may_be_taken, taken_for, uncommented
from support import how_many

STARTS = ["# ", "#", "## ", "    # ", "", "\t# ", "#  ", "# # ", "\x0c# ", "#\t", "    "]
PIECES = [
    *("copy", "cat", "ls", "echo ", "Why", "x", "time", "the weights", "noescape", "# escape"),
    *("# noescape", "!", "?", "%", "%%", "%d", "!ls", "x = !ls", "x = %t", " = ", "=", ",", " "),
    *("\\", '"""', "'''", '"', "'", "\xa0", "$", ".", "(", "~/a", "{x}", "é", "3"),
]
lines = st.builds(
    lambda start, pieces: start + "".join(pieces),
    st.sampled_from(STARTS),
    st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=5),
).filter(lambda line: len(line.splitlines()) < 2)


def by_jupytext(text: list[str]) -> list[str]:
    return list(uncomment_magic(list(text), "python", explicitly_code=True))


def by_modlint(text: list[str]) -> list[str]:
    changed = {number: new for number, (_, new) in uncommented(text).items()}
    return [changed.get(number, line) for number, line in enumerate(text)]


@pytest.mark.parametrize(
    ("line", "taken", "becomes"),
    [
        ("# copy the weights", Taken.COMMAND, "copy the weights"),
        ("# copy", Taken.COMMAND, "copy"),
        ("#copy x", Taken.COMMAND, "copy x"),
        ("## copy x", Taken.COMMAND, "# copy x"),
        ("# copy  x", Taken.COMMAND, "copy  x"),
        ("# Why?", Taken.QUESTION, "Why?"),
        ("#Why?  ", Taken.QUESTION, "Why?  "),
        ("    # Why?", Taken.QUESTION, "    Why?"),
        ("# really,why?", Taken.QUESTION, "really,why?"),
        ("# !x", Taken.SHELL, "!x"),
        ("# ! x", Taken.SHELL, "! x"),
        ("    # !x", Taken.SHELL, "    !x"),
        ("# ?x", Taken.SHELL, "?x"),
        ("# %x", Taken.MAGIC, "%x"),
        ("#%d items", Taken.MAGIC, "%d items"),
        ("# %%time", Taken.MAGIC, "%%time"),
        ("# x = !ls", Taken.ASSIGNMENT, "x = !ls"),
        ("# x = %t", Taken.ASSIGNMENT, "x = %t"),
    ],
)
def test_these_lose_their_sign(line: str, taken: Taken, becomes: str) -> None:
    assert uncommented([line]) == {0: (taken, becomes)}
    assert by_jupytext([line]) == [becomes]


@pytest.mark.parametrize(
    "line",
    [
        "# Why not?",
        "# copy: x",
        "# copy = x",
        "# copy, x",
        "# Copy x",
        "    # copy x",
        "#  copy x",
        "# % x",
        "# 50% of",
        "# x == !ls",
        "    # x = !ls",
        "# %x  # noescape",
        "x = 1  # Why?",
        "copy x",
        "%x",
        "#",
        "",
    ],
)
def test_these_stay_as_they_are(line: str) -> None:
    assert uncommented([line]) == {}
    assert by_jupytext([line]) == [line]


def test_strings_are_left_alone_and_a_backslash_continues() -> None:
    text = ['x = """', "# Why?", '"""', "# !ls \\", "# and more", "# and no more"]
    assert uncommented(text) == {
        3: (Taken.SHELL, "!ls \\"),
        4: (Taken.CONTINUED, "and more"),
    }
    assert by_modlint(text) == by_jupytext(text)


@settings(
    max_examples=how_many(300, 6000), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(lines, min_size=1, max_size=5))
def test_agrees_with_jupytext(text: list[str]) -> None:
    assert by_modlint(text) == by_jupytext(text)
    for line in text:
        taken = taken_for(line, is_code=False)
        assert (taken is not None) == bool(is_magic(line, "python"))
        assert taken is None or may_be_taken(line)
