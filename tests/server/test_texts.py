"""Places and changes of a text, against the encodings themselves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from modlint.diagnostics import Position
from modlint.server.texts import Text

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
#: What is easily counted wrong: line endings, what only Python takes for one, wide characters.
TEXTS = st.text("ab\n\r\x0c\x85\u2028éß€𝒳🎉\ufeff", max_size=30)


def _position(before: str, encoding: str) -> types.Position:
    """The place behind ``before``; a line feed alone behind it changes nothing."""
    codec, width = CODECS[encoding]
    *above, line = re.split(r"\r\n|\r|\n", before)
    return types.Position(len(above), len(line.encode(codec)) // width)


def _may_stand(text: str, at: int) -> bool:
    """Whether an editor has a place there: it has none within an ending."""
    return text[at - 1 : at + 1] != "\r\n" if at else True


@pytest.mark.parametrize("encoding", CODECS)
@given(text=TEXTS, data=st.data())
def test_a_change_is_made_where_the_editor_means_it(
    encoding: str, text: str, data: st.DataObject
) -> None:
    places = [at for at in range(len(text) + 1) if _may_stand(text, at)]
    start, end = sorted(data.draw(st.sampled_from(places)) for _ in range(2))
    new = data.draw(TEXTS)
    place = types.Range(_position(text[:start], encoding), _position(text[:end], encoding))
    change = types.TextDocumentContentChangePartial(place, new)
    changed = Text("", text, 1, encoding=encoding).changed([change], 2)
    assert (changed.text, changed.version) == (text[:start] + new + text[end:], 2)


@pytest.mark.parametrize("encoding", CODECS)
@given(text=TEXTS.filter(lambda text: not text.startswith("\ufeff")), data=st.data())
def test_a_place_is_where_the_editor_counts_it(
    encoding: str, text: str, data: st.DataObject
) -> None:
    places = [at for at in range(len(text) + 1) if _may_stand(text, at)]
    at = data.draw(st.sampled_from(places))
    before = re.split(r"\r\n|\r|\n", text[:at])
    place = Position(len(before), len(before[-1]) + 1)
    shown = Text("", text, encoding=encoding)
    assert shown.position(place) == _position(text[:at], encoding)
    assert shown.column(shown.position(place)) == len(before[-1])


def test_a_place_beyond_the_end_is_the_end() -> None:
    for text, end in (("", (0, 0)), ("ab", (0, 2)), ("ab\n", (1, 0))):
        far = Text("", text).position(Position(99, 99))
        assert (far.line, far.character) == end
    assert Text("", "ab\ncd").position(Position(1, 99)) == types.Position(0, 2)
