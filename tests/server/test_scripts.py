"""Percent files in an editor: what is said of them, and what is done about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from modlint.diagnostics import Diagnostic
from modlint.fixing.engine import fix_one
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings
from server.editor import Editor, asynchronous, capabilities, editing
from support import AS_MODULES, Run

TOP = types.Range(types.Position(0, 0), types.Position(0, 0))
EVERYWHERE = types.Range(types.Position(0, 0), types.Position(100_000, 0))
ROWS_3_4 = types.Range(types.Position(2, 0), types.Position(3, 0))
LOUD = '# %%\nX = 1\nprint("hi")\nprint("ho")\n'
SHOWING = types.DiagnosticSeverity.Warning


def _found(text: str) -> list[Diagnostic]:
    return lint(read_text(text), Settings())


def _codes(diagnostics: Sequence[types.Diagnostic]) -> list[str]:
    return [str(d.code) for d in diagnostics]


async def _opened(editor: Editor, folder: Path, text: str, name: str = "m.py") -> str:
    """The name of a text that was opened and is checked."""
    uri = (folder / name).as_uri()
    editor.open(uri, text)
    await editor.diagnostics(uri)
    return uri


@asynchronous
async def test_an_editor_is_told_what_check_finds(
    modlint: Run, reference: Path, tmp_path: Path
) -> None:
    listed = json.loads(modlint("check", "--output-format", "json", reference).output)
    severities = {"error": 1, "warning": 2, "info": 3}
    async with editing(tmp_path, capabilities(encodings=["utf-32"])) as editor:
        uri = reference.as_uri()
        editor.open(uri, reference.read_text())
        found = await editor.diagnostics(uri)
    assert len(found) == 28
    assert {d.source for d in found} == {"modlint"}
    assert [(d.code, d.message, d.severity, *_data(d), *_places(d)) for d in found] == [
        (
            entry["code"],
            entry["message"],
            severities[entry["severity"]],
            entry["name"],
            entry["fix"] and entry["fix"]["applicability"],
            (entry["location"]["row"], entry["location"]["column"]),
            (entry["end_location"]["row"], entry["end_location"]["column"]),
        )
        for entry in listed
    ]


def _data(found: types.Diagnostic) -> tuple[str, str | None]:
    """The rule's name, and how far its fix can be trusted."""
    assert isinstance(found.data, dict)
    return found.data["rule"], found.data["fix"]


def _places(found: types.Diagnostic) -> tuple[tuple[int, int], tuple[int, int]]:
    """Places as ``check`` counts them, from an editor that counts characters."""
    start, end = found.range.start, found.range.end
    return (start.line + 1, start.character + 1), (end.line + 1, end.character + 1)


@asynchronous
async def test_a_fault_comes_and_goes_while_one_types(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, "# %%\nX = 1\n")
        assert not editor.said[uri].diagnostics
        end = types.Position(2, 0)
        for number, char in enumerate('print("hi")\n'):
            place = types.Position(2, number)
            editor.change(uri, types.TextEdit(types.Range(place, place), char))
        (found,) = await editor.diagnostics(uri)
        assert (found.code, found.range.start, found.severity) == ("IMP002", end, SHOWING)
        editor.replace(uri, 'print("hi")\n', "")
        assert await editor.diagnostics(uri) == []


@asynchronous
async def test_typing_is_checked_in_the_pauses_and_the_last_version_is_told(
    tmp_path: Path,
) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        versions = set()
        for number in range(30):
            editor.change(uri, types.TextEdit(TOP, "# x\n"))
            versions.add(editor.said[uri].version)
            assert editor.versions[uri] == number + 2
        found = await editor.diagnostics(uri)
        assert [d.range.start.line for d in found] == [32, 33]
        assert versions == {1}, "nothing is told of a version that is typed over at once"


@asynchronous
async def test_a_text_that_is_closed_has_no_faults(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        assert editor.said[uri].diagnostics
        editor.close(uri)
        await editor.until(lambda: uri in editor.said)
        assert not editor.said[uri].diagnostics


@asynchronous
async def test_what_was_never_saved_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "modlint.toml").write_text(AS_MODULES + 'select = ["IMP001"]')
    async with editing(tmp_path) as editor:
        uri = "untitled:Untitled-1"
        editor.open(uri, "# %%\ndef test_a():\n    assert True\n\n\ntest_a()\nprint(1)\n")
        assert _codes(await editor.diagnostics(uri)) == ["IMP001"]


@pytest.mark.parametrize(
    ("uri", "text", "language"),
    [
        ("file:///plain.py", 'print("hi")\n', "python"),
        ("file:///m.ts", "# %%\nprint(1)\n", "typescript"),
        ("git:/m.py?HEAD", "# %%\nprint(1)\n", "python"),
        # JupyterLab tells of the code cells of a notebook like this.
        ("file:///m.ipynb", 'print("hi")\n\n\nprint("ho")\n', "python"),
    ],
)
@asynchronous
async def test_what_is_no_module_is_left_alone(
    tmp_path: Path, uri: str, text: str, language: str
) -> None:
    async with editing(tmp_path) as editor:
        editor.open(uri, text, language)
        assert not await editor.diagnostics(uri)
        assert await editor.actions(uri, EVERYWHERE) == {}


@asynchronous
async def test_a_plain_file_becomes_a_module_with_its_first_marker(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, 'print("hi")\n')
        editor.change(uri, types.TextEdit(TOP, "# %%\n"))
        assert _codes(await editor.diagnostics(uri)) == ["IMP002"]


# --- places -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@asynchronous
async def test_places_are_right_in_each_encoding(
    tmp_path: Path, encoding: str, ending: str
) -> None:
    lines = ["# %%", 'é = "🎉 ünï\u2028\x0c"', 'not "🎉"; print("🎉é")  # 😀', "", "# 𝒳"]
    async with editing(tmp_path, capabilities(encodings=[encoding])) as editor:
        uri = await _opened(editor, tmp_path, ending.join(lines))
        (found,) = await editor.diagnostics(uri)
        assert editor.marked(uri, found) == 'print("🎉é")'
        editor.replace(uri, "😀", "𝒳𝒳\x0c")
        editor.replace(uri, '"🎉"; ', '"🎉🎉"; ')
        (found,) = await editor.diagnostics(uri)
        assert editor.marked(uri, found) == 'print("🎉é")'
        (action,) = [a for a in (await editor.actions(uri, found.range)).values() if a.is_preferred]
        await editor.apply(action)
        assert await editor.diagnostics(uri) == []
        assert "# 𝒳𝒳\x0c" in editor.texts[uri]


@asynchronous
async def test_an_editor_that_says_nothing_counts_in_utf_16(tmp_path: Path) -> None:
    can = capabilities()
    can.general = None
    async with editing(tmp_path, can) as editor:
        uri = await _opened(editor, tmp_path, '# %%\nnot "🎉"; print("🎉")\n')
        (found,) = await editor.diagnostics(uri)
        assert found.range.start.character == len('X = "🎉"; ') + 1


@asynchronous
async def test_a_byte_order_mark_shifts_nothing(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, "\ufeff#%% [markdown\n# text\n")
        found = await editor.diagnostics(uri)
        uri = await _opened(editor, tmp_path, "#%% [markdown\n# text\n", "n.py")
        same = await editor.diagnostics(uri)
        # jupytext takes the mark for text, which is reported; nothing else changes.
        assert _codes(found) == ["CEL005", *_codes(same)]
        assert [d.range.start.line for d in found[1:]] == [d.range.start.line for d in same]


@asynchronous
async def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        text = '# -*- coding: latin-1 -*-\n# %%\nnot "é"; print("é")\n'
        uri = await _opened(editor, tmp_path, text)
        found = await editor.diagnostics(uri)
        assert [editor.marked(uri, d) for d in found if d.code == "IMP002"] == ['print("é")']
        editor.replace(uri, 'not "é"', 'not "€"')
        (why,) = await editor.diagnostics(uri)
        assert (why.code, why.message) == (
            None,
            "not checked: the text cannot be written as iso-8859-1",
        )


# --- actions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("resolves", [True, False])
@pytest.mark.parametrize("versions", [True, False])
@asynchronous
async def test_a_quick_fix_is_the_fix(tmp_path: Path, resolves: bool, versions: bool) -> None:
    text = LOUD + "# %%\ndef test_a():\n    assert True\n\n\ntest_a()\n"
    found = _found(text)
    can = capabilities(resolves=resolves, versions=versions)
    async with editing(tmp_path, can) as editor:
        uri = await _opened(editor, tmp_path, text)
        here = [d for d in editor.said[uri].diagnostics if d.code == "IMP001"]
        actions = await editor.actions(uri, here[0].range, "quickfix")
        (one,) = [d for d in found if d.code == "IMP001"]
        assert one.fix is not None
        action = actions[f"modlint (IMP001): {one.fix.message}"]
        assert action.is_preferred
        assert list(action.diagnostics or ()) == here
        assert (action.edit is None) is resolves
        await editor.apply(action)
        assert editor.texts[uri] == fix_one(read_text(text), found, one, Settings()).file.text
        assert _codes(await editor.diagnostics(uri)) == [d.code for d in found if d is not one]


@asynchronous
async def test_one_fix_mends_what_the_command_mends(modlint: Run, tmp_path: Path) -> None:
    text = LOUD + "# %%\ndef f():\n    return 1\n"
    (tmp_path / "m.py").write_text(text)
    assert modlint("fix", "--apply", "m.py").exit_code == 0
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, text)
        (action,) = [a for a in (await editor.actions(uri, ROWS_3_4)).values() if a.is_preferred]
        assert action.diagnostics == editor.said[uri].diagnostics, "both prints share one guard"
        await editor.apply(action)
        assert editor.texts[uri] == (tmp_path / "m.py").read_text()


@pytest.mark.parametrize("resolves", [True, False])
@asynchronous
async def test_fix_all_is_what_the_command_writes(
    modlint: Run, reference: Path, tmp_path: Path, resolves: bool
) -> None:
    text = reference.read_text()
    async with editing(tmp_path, capabilities(resolves=resolves)) as editor:
        uri = reference.as_uri()
        editor.open(uri, text)
        await editor.diagnostics(uri)
        assert (
            "modlint: Fix all auto-fixable problems" in await editor.actions(uri, TOP)
        ) is resolves
        (action,) = (await editor.actions(uri, TOP, "source.fixAll")).values()
        assert action.kind == "source.fixAll.modlint"
        await editor.apply(action)
        found = await editor.diagnostics(uri)
        modlint("fix", "--apply", reference)
        assert editor.texts[uri] == reference.read_text()
        assert not [d for d in found if _data(d)[1] == "safe"]
        assert await editor.actions(uri, TOP, "source.fixAll.modlint") == {}


@asynchronous
async def test_all_of_one_rule(reference: Path, tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = reference.as_uri()
        editor.open(uri, reference.read_text())
        before = await editor.diagnostics(uri)
        one = next(d for d in before if d.code == "IMP001")
        await editor.apply(
            (await editor.actions(uri, one.range))["modlint (IMP001): Fix all IMP001"]
        )
        after = await editor.diagnostics(uri)
        assert _codes(after) == [code for code in _codes(before) if code != "IMP001"]


@asynchronous
async def test_an_unsafe_fix_says_so(tmp_path: Path) -> None:
    text = "# %%\n#| default_exp m\n\n# %%\nX = 1\n\n#| export\ndef f():\n    return X\n"
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, text)
        (found,) = await editor.diagnostics(uri)
        actions = await editor.actions(uri, found.range)
        (action,) = [
            a for title, a in actions.items() if title.startswith("modlint (EXP001, unsafe): ")
        ]
        assert not action.is_preferred
        assert await editor.actions(uri, TOP, "source") == {}
        await editor.apply(action)
        assert await editor.diagnostics(uri) == []


@asynchronous
async def test_only_the_author_can_choose_a_way_out(tmp_path: Path) -> None:
    text = "# %%\ndef f(a) -> int:\n    return a\n\n\n# %%\ndef f(a, b) -> str:\n    return b\n"
    for can, shown in ((capabilities(), True), (capabilities(disabled=False), False)):
        async with editing(tmp_path, can) as editor:
            uri = await _opened(editor, tmp_path, text)
            found = next(d for d in editor.said[uri].diagnostics if d.code == "SIG002")
            ways = [a for a in (await editor.actions(uri, found.range)).values() if a.disabled]
            assert (len(ways) > 1) is shown
            assert all(way.edit is None and way.data is None for way in ways)
            said = await editor.hover(uri, found.range.start)
            assert "Way out 1: " in said
            assert "`````diff\n@@" in said
            assert "# SIG002: conflicting-redefinition" in said


@asynchronous
async def test_a_fault_is_suppressed_where_it_stands(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        first, _ = await editor.diagnostics(uri)
        action = (await editor.actions(uri, first.range))["modlint (IMP002): Suppress on line 3"]
        await editor.apply(action)
        assert 'print("hi")  # modlint: ignore[IMP002]\nprint("ho")\n' in editor.texts[uri]
        (left,) = await editor.diagnostics(uri)
        assert left.range.start.line == 3


@pytest.mark.parametrize(
    ("text", "title", "new"),
    [
        (
            '# %%\nprint("""a\nb""")\n',
            "modlint (IMP002): Suppress on line 2",
            '# %%\nprint("""a\nb""")  # modlint: ignore[IMP002]\n',
        ),
        (
            '# %% nbgrader={"grade": true}\nX = 1\n',
            "modlint (NBG002): Suppress in the cell of line 1",
            '# %% nbgrader={"grade": true}\n# modlint: ignore-cell[NBG002]\nX = 1\n',
        ),
        (
            "# %%\nprint(1)  # modlint: ignore[NBG001]\n",
            "modlint (IMP002): Suppress on line 2",
            "# %%\nprint(1)  # modlint: ignore[NBG001, IMP002]\n",
        ),
        (
            f"# %%\nprint({'1' * 90})\n",
            "modlint (IMP002): Suppress on line 2",
            f"# %%\n# modlint: ignore[IMP002]\nprint({'1' * 90})\n",
        ),
    ],
)
@asynchronous
async def test_a_suppression_stands_where_one_can(
    tmp_path: Path, text: str, title: str, new: str
) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, text)
        action = (await editor.actions(uri, EVERYWHERE))[title]
        code = title.partition("(")[2][:6]
        await editor.apply(action)
        assert editor.texts[uri] == new
        assert code not in _codes(await editor.diagnostics(uri))


@asynchronous
async def test_an_action_on_a_text_that_has_changed_is_refused(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        actions = await editor.actions(uri, EVERYWHERE)
        editor.change(uri, types.TextEdit(TOP, "# x\n"))
        for action in actions.values():
            with pytest.raises(Exception, match="the document has changed"):
                await editor.apply(action)
        assert len(await editor.diagnostics(uri)) == 2


@asynchronous
async def test_an_action_that_was_never_offered_is_refused(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        found = editor.said[uri].diagnostics[0]
        action = (await editor.actions(uri, found.range))["modlint (IMP002): Suppress on line 3"]
        assert isinstance(action.data, dict)
        wrong: Any
        for wrong in ({"number": 7}, {"number": -1}, {"number": {}}, {"way": "x"}, {"uri": []}):
            bad = types.CodeAction("?", data={**action.data, **wrong})
            with pytest.raises(Exception, match=r"no action of modlint|the document has changed"):
                await editor.apply(bad)
        with pytest.raises(Exception, match="no action of modlint"):
            await editor.apply(types.CodeAction("of another server", data={"uri": uri}))


# --- hover ------------------------------------------------------------------------------------


@asynchronous
async def test_the_page_of_a_rule_is_shown(modlint: Run, tmp_path: Path) -> None:
    text = (
        "# %%\nX = 1\nprint(X)\n\n\ndef f(a=1):  # modlint: ignore[IMP001, nbg003] why\n    pass\n"
    )
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, text)
        said = await editor.hover(uri, types.Position(2, 3))
        assert said.startswith("# IMP002: import-time-print")
        assert "```python\n" in said
        assert "```python bad" not in said
        assert await editor.hover(uri, types.Position(1, 0)) == ""
        line = text.splitlines()[5]
        for code, page in (("IMP001", "# IMP001"), ("nbg003", "# NBG003")):
            position = types.Position(5, line.index(code) + 2)
            assert page in await editor.hover(uri, position)
        assert await editor.hover(uri, types.Position(5, 1)) == ""
