"""The server around the documents: settings, questions, hostile input, its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from lsprotocol import types

from local_rules import FOLDER, MODULE, course
from server.editor import ANEW, DEADLINE, Editor, asynchronous, capabilities, editing
from support import AS_MODULES, REFERENCE, ROOT, Run

TOP = types.Range(types.Position(0, 0), types.Position(0, 0))
LOUD = '# %%\nprint("hi")\n'
TEST = "# %%\ndef test_a():\n    assert True\n\n\ntest_a()\n"


def _codes(diagnostics: list[types.Diagnostic]) -> list[str]:
    return [str(d.code) for d in diagnostics]


async def _opened(editor: Editor, folder: Path, text: str, name: str = "m.py") -> str:
    uri = (folder / name).as_uri()
    editor.open(uri, text)
    await editor.diagnostics(uri)
    return uri


def _changed(editor: Editor, path: Path) -> None:
    """Tell the server that a file has changed, as the editor was asked to."""
    event = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))


async def _hears(editor: Editor, uri: str, codes: list[str]) -> None:
    """Wait until just these faults are told."""
    await editor.until(lambda: _codes(list(editor.said[uri].diagnostics)) == codes)


# --- settings ---------------------------------------------------------------------------------


@asynchronous
async def test_the_nearest_settings_count_and_are_read_again(tmp_path: Path) -> None:
    settings = tmp_path / "modlint.toml"
    settings.write_text(AS_MODULES + 'select = ["IMP001"]')
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "modlint.toml").write_text(AS_MODULES + 'select = ["NBG001"]')
    async with editing(tmp_path) as editor:
        await editor.until(lambda: bool(editor.registered))
        assert editor.registered[0].method == "workspace/didChangeWatchedFiles"
        uri = await _opened(editor, tmp_path, TEST)
        deep = await _opened(editor, tmp_path, TEST, "deep/m.py")
        assert _codes(list(editor.said[uri].diagnostics)) == ["IMP001"]
        assert _codes(list(editor.said[deep].diagnostics)) == ["NBG001"]
        settings.write_text(AS_MODULES + 'select = ["NBG001", "IMP001"]')
        _changed(editor, settings)
        await _hears(editor, uri, ["NBG001", "IMP001"])
        settings.unlink()
        (tmp_path / "pyproject.toml").write_text('[tool.modlint]\nignore = ["NBG"]')
        editor.change(uri, types.TextEdit(TOP, "# x\n"))  # an editor that watches no files
        assert _codes(await editor.diagnostics(uri)) == ["IMP001"]


@asynchronous
async def test_faulty_settings_are_told_and_end_nothing(tmp_path: Path) -> None:
    settings = tmp_path / "modlint.toml"
    settings.write_text(AS_MODULES + 'selct = ["IMP"]')
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        other = await _opened(editor, tmp_path, LOUD, "n.py")
        assert not editor.said[uri].diagnostics
        assert await editor.actions(other, TOP) == {}
        assert len(editor.messages) == 1
        assert editor.messages[0].startswith(f"modlint: {settings}:2: unknown key 'selct'")
        settings.write_text(AS_MODULES + 'select = ["IMP"]')
        _changed(editor, settings)
        await _hears(editor, uri, ["IMP002"])
        await _hears(editor, other, ["IMP002"])


@asynchronous
async def test_what_is_excluded_or_known_is_not_told(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(LOUD)
    (tmp_path / "modlint.toml").write_text(
        AS_MODULES + 'exclude = ["old/"]\nbaseline = "known.json"'
    )
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        assert not editor.messages  # a baseline that settings name may be still to come
        assert _codes(list(editor.said[uri].diagnostics)) == ["IMP002"]
        assert modlint("baseline", "write").exit_code == 0
        editor.change(uri, types.TextEdit(TOP, "# x\n"))
        assert not await editor.diagnostics(uri)
        editor.change(uri, types.TextEdit(TOP, "# %%\nprint(1)\n"))
        assert _codes(await editor.diagnostics(uri)) == ["IMP002", "IMP002"]
        old = await _opened(editor, tmp_path, LOUD, "old/m.py")
        assert not editor.said[old].diagnostics


@asynchronous
async def test_rules_of_the_course_run_where_the_user_trusts_them(
    modlint: Run, tmp_path: Path
) -> None:
    course(tmp_path)
    (tmp_path / FOLDER / "CRS001-no-spam.md").write_text("# CRS001: no-spam\n\nNo spam.\n")
    (tmp_path / "modlint.toml").unlink()
    with (tmp_path / "pyproject.toml").open("a") as shared:
        shared.write(AS_MODULES)
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, MODULE)
        assert not editor.said[uri].diagnostics
        (message,) = editor.messages
        assert f"the rules in {tmp_path / FOLDER} were not run" in message.replace(
            os.path.relpath(tmp_path / FOLDER), str(tmp_path / FOLDER)
        )
        assert modlint("trust", FOLDER).exit_code == 0
        _changed(editor, tmp_path / "pyproject.toml")
        await _hears(editor, uri, ["CRS001"])
        assert "No spam." in await editor.hover(uri, types.Position(1, 1))


# --- asking -----------------------------------------------------------------------------------


@asynchronous
async def test_an_editor_that_asks_is_told_nothing_unasked(tmp_path: Path) -> None:
    settings = tmp_path / "modlint.toml"
    async with editing(tmp_path, capabilities(pulls=True)) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        assert _codes(list(editor.said[uri].diagnostics)) == ["IMP002"]
        assert _codes(await editor.pull(uri)) == ["IMP002"]
        await editor.until(lambda: not editor.said[uri].diagnostics)
        editor.replace(uri, 'print("hi")', "X = 1")
        assert await editor.pull(uri) == []
        editor.replace(uri, "X = 1", "print(2)")
        settings.write_text(AS_MODULES + 'ignore = ["IMP002"]')
        _changed(editor, settings)
        await editor.until(lambda: editor.refreshed > 0)
        assert await editor.pull(uri) == []
        assert editor.said[uri].version == 1
        assert await editor.pull("file:///nowhere.py") == []


# --- hostile input ----------------------------------------------------------------------------


@asynchronous
async def test_a_module_that_is_being_typed_is_never_too_broken(tmp_path: Path) -> None:
    text = REFERENCE.read_text()
    chance = Random(7)
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, text)
        for _ in range(12):
            start = chance.randrange(len(text))
            cut = text[:start] + text[start + chance.randrange(400) :]
            whole = types.Range(types.Position(0, 0), types.Position(10_000, 0))
            editor.client.text_document_did_change(
                types.DidChangeTextDocumentParams(
                    types.VersionedTextDocumentIdentifier(7, uri),
                    [types.TextDocumentContentChangePartial(whole, cut)],
                )
            )
            editor.texts[uri] = cut
            found = await editor.pull(uri)
            assert all(d.code for d in found)
            await editor.hover(uri, editor.position(uri, min(start, len(cut))))
        assert not editor.messages


HOSTILE = {
    "nesting": "# %%\n" + "(" * 5_000,
    "operands": "# %%\nprint(" + "1+" * 60_000 + "1)\n",
    "zero": "# %%\nprint('\0')\n",
    "surrogate": "# %%\nprint('\ud800')\n",
    "coding": "# -*- coding: nonsense -*-\n# %%\nprint(1)\n",
    "slow": "# -*- coding: idna -*-\n# %%\n" + "x = 'é'\n" * 50_000,
    "no-text": "# -*- coding: rot13 -*-\n# %%\nprint(1)\n",
    "marker": "# %% [markdown" + "[" * 10_000 + "\n",
    "empty": "",
    "rows": "# %%\n" * 3_000,
}


@pytest.mark.parametrize("ending", [".py", ".ipynb"])
@asynchronous
async def test_no_text_ends_the_server(tmp_path: Path, ending: str) -> None:
    deep = '{"cells": ' + "[" * 100_000
    async with editing(tmp_path) as editor:
        for name, text in {**HOSTILE, "deep": deep}.items():
            uri = (tmp_path / f"{name}{ending}").as_uri()
            editor.open(uri, text, "python" if ending == ".py" else "json")
            found = await editor.diagnostics(uri)
            assert found or name in ("empty", "marker", "rows", "deep")
            await editor.actions(uri, TOP)
        uri = await _opened(editor, tmp_path, LOUD)
        assert len(editor.said[uri].diagnostics) == 1


@asynchronous
async def test_no_message_ends_the_server(tmp_path: Path) -> None:
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, LOUD)
        process = editor.client._server
        assert process is not None
        assert process.stdin is not None
        far = {"line": 2**31 - 1, "character": 2**31 - 1}
        back = {"start": {"line": 9, "character": 9}, "end": {"line": 0, "character": 0}}
        for method, params in (
            ("nothing/known", {}),
            ("textDocument/didOpen", {"textDocument": 3}),
            ("textDocument/didSave", {"textDocument": {"uri": "file:///unopened.py"}}),
            ("textDocument/didClose", {"textDocument": {"uri": "file:///unopened.py"}}),
            ("textDocument/didChange", _change("file:///unopened.py", back)),
            ("textDocument/didChange", _change(uri, {"start": far, "end": far})),
            ("textDocument/didChange", _change(uri, back)),
            ("textDocument/didOpen", _item("file:///%00.py")),
            ("textDocument/didOpen", _item("file://[/x.py")),
            ("textDocument/didOpen", _item("")),
            (
                "notebookDocument/didChange",
                {"notebookDocument": {"uri": uri, "version": 2}, "change": {}},
            ),
        ):
            _send(process.stdin, json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))
        _send(process.stdin, "{")
        _send(process.stdin, '{"jsonrpc": "2.0", "id": 1, "method": "shut"}')
        editor.texts[uri], editor.versions[uri] = "", 8
        _send(process.stdin, json.dumps({
            "jsonrpc": "2.0", "method": "textDocument/didChange",
            "params": {
                "textDocument": {"uri": uri, "version": 8}, "contentChanges": [{"text": LOUD}],
            },
        }))  # fmt: skip
        assert len(await editor.diagnostics(uri)) == 1
        assert await editor.leave() == 0


def _change(uri: str, place: object) -> dict[str, object]:
    changes = [{"range": place, "text": "x"}]
    return {"textDocument": {"uri": uri, "version": 7}, "contentChanges": changes}


def _item(uri: str) -> dict[str, object]:
    return {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": LOUD}}


def _send(stream: asyncio.StreamWriter, body: str) -> None:
    data = body.encode("utf-8", "surrogatepass")
    stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))


@asynchronous
async def test_nothing_of_a_module_is_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    text = f"# %%\nopen({str(trap)!r}, 'w')\nprint(1)\n"
    (tmp_path / "m.py").write_text(text)
    async with editing(tmp_path) as editor:
        uri = await _opened(editor, tmp_path, text)
        for action in (await editor.actions(uri, TOP, "source.fixAll")).values():
            await editor.apply(action)
        await editor.diagnostics(uri)
        assert editor.texts[uri] != text
        assert not trap.exists()
        assert (tmp_path / "m.py").read_text() == text, "what is edited is not saved"


# --- the end ----------------------------------------------------------------------------------


@asynchronous
async def test_the_server_ends_as_the_protocol_wants(tmp_path: Path) -> None:
    async with editing(tmp_path, start=ANEW) as editor:
        await _opened(editor, tmp_path, LOUD)
        assert await editor.leave() == 0
    async with editing(tmp_path, start=ANEW) as editor:
        editor.client.exit(None)  # without a word before
        assert await editor.ended() == 1
    async with editing(tmp_path, start=ANEW) as editor:
        process = editor.client._server
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()  # the editor has died
        assert await editor.ended() == 1
    async with editing(tmp_path, start=ANEW) as editor:
        process = editor.client._server
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert await editor.ended() == 128 + signal.SIGTERM


def _run(tmp_path: Path, *arguments: str, python: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{python}{os.pathsep}{ROOT / 'src'}"}
    return subprocess.run(
        [sys.executable, "-m", "modlint", "server", *arguments],
        cwd=tmp_path, env=environment, input="", capture_output=True, text=True, check=False,
        timeout=DEADLINE,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["pygls", "lsprotocol"])
def test_without_the_extra_there_is_the_line_to_install_it(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text(
        f"raise ModuleNotFoundError(\"No module named '{name}'\", name='{name}')\n"
    )
    done = _run(tmp_path, python=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == ("error: `modlint server` needs pygls 2: pip install 'modlint[server]'\n")


def test_an_editor_that_is_not_there(tmp_path: Path) -> None:
    done = _run(tmp_path, "--stdio")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
