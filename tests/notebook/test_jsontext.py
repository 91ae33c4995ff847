"""JSON text that is changed in places: the meaning is the new one, the bytes are the old ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modlint.notebook.jsontext import Style, changed, root_of, same
from support import how_many

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
layouts = st.sampled_from(
    [
        {"indent": 1},
        {"indent": 2, "ensure_ascii": False},
        {"indent": "\t"},
        {},
        {"separators": (",", ":")},
        {"indent": 4, "separators": (",", " : ")},
    ]
)


def change(text: str, value: Any) -> str:
    root = root_of(text)
    return text[: root.start] + changed(root, value, Style(root)) + text[root.end :]


@settings(max_examples=how_many(100, 1000), deadline=None)
@given(values, values, layouts)
def test_the_new_text_means_the_new_value(old: Any, new: Any, layout: dict[str, Any]) -> None:
    text = change(json.dumps({"a": old}, **layout), {"a": new})
    found = json.loads(text)["a"]
    assert json.dumps(found, sort_keys=True) == json.dumps(new, sort_keys=True)


@settings(max_examples=how_many(100, 1000), deadline=None)
@given(values, layouts)
def test_what_does_not_change_keeps_its_bytes(value: Any, layout: dict[str, Any]) -> None:
    text = "\n" + json.dumps({"a": value}, **layout) + " \n"
    assert change(text, json.loads(text)) == text


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ('{"a": 1, "b": 2}', {"a": 1, "b": 3}, '{"a": 1, "b": 3}'),
        ('{"a":1,"b":2}', {"a": 1, "b": 2, "c": 3}, '{"a":1,"b":2,"c":3}'),
        ('{"a": 1, "c": 2}', {"a": 1, "c": 2, "b": 3}, '{"a": 1, "b": 3, "c": 2}'),
        ('{"c": 1, "a": 2}', {"c": 1, "a": 2, "b": 3}, '{"c": 1, "a": 2, "b": 3}'),
        ('{"a": 1, "b": 2}', {"b": 2}, '{"b": 2}'),
        ('{\n "a": 1,\n "b": 2\n}', {"a": 1}, '{\n "a": 1\n}'),
        ('{\r\n "a": 1\r\n}', {"a": 1, "b": 2}, '{\r\n "a": 1,\r\n "b": 2\r\n}'),
        ('{"a" :  1 , "b":2}', {"a": 5, "b": 2}, '{"a" :  5 , "b":2}'),
        ("[1.0, 1e3, 2]", [1.0, 1000.0, 3], "[1.0, 1e3, 3]"),
        ("[1, 2, 3]", [1, 3], "[1, 3]"),
        ("[1, 2]", [0, 1, 2], "[0, 1, 2]"),
        ("[\n 1,\n 2\n]", [1, 5, 2], "[\n 1,\n 5,\n 2\n]"),
        ("[1]", [True], "[true]"),
        ("[0]", [False], "[false]"),
        ("[1]", [1.0], "[1.0]"),
        ('{"a": {}}', {"a": {"b": 1}}, '{"a": {"b": 1}}'),
        ('{\n\t"a": {}\n}', {"a": {"b": 1}}, '{\n\t"a": {\n\t\t"b": 1\n\t}\n}'),
        ('{"a": [], "b": 1}', {"a": ["x"], "b": 1}, '{"a": ["x"], "b": 1}'),
        ('["\\u00e9", "a"]', ["é", "é"], '["\\u00e9", "\\u00e9"]'),
        ('["\\u00E9", "a"]', ["é", "ü"], '["\\u00E9", "\\u00FC"]'),
        ('["é", "a"]', ["é", "ü"], '["é", "ü"]'),
        ('["\\u00e9🔥", "a"]', ["é🔥", "ü"], '["\\u00e9🔥", "ü"]'),
        ('["\\u003c", "a"]', ["<", "<b>"], '["\\u003c", "\\u003cb>"]'),
        ('["a\\/b", "a"]', ["a/b", "c/d"], '["a\\/b", "c\\/d"]'),
        ('["\\ud83d\\udd25", 1]', ["🔥", "🔥"], '["\\ud83d\\udd25", "\\ud83d\\udd25"]'),
        ('["\\ud800", 1]', ["\ud800", "\ud800"], '["\\ud800", "\\ud800"]'),
        ('{"a": 1, "a": 2}', {"a": 3}, '{"a": 1, "a": 3}'),
        ("[NaN, 1]", [float("nan"), 2], "[NaN, 2]"),
    ],
)
def test_a_change_is_written_as_its_neighbours_are(old: str, value: Any, new: str) -> None:
    assert change(old, value) == new


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), (1, 1.0), ([1], [True]), ({"a": 1}, {"a": True}), ("1", 1)],
)
def test_equal_in_python_is_not_the_same_in_json(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert same(one, json.loads(json.dumps(one)))


def test_the_last_of_two_equal_keys_counts() -> None:
    assert root_of('{"a": 1, "a": 2}').member("a").value == 2
