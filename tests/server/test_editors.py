"""docs/editors.md in the programs that it is about."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tornado.websocket import websocket_connect

from server.editor import DEADLINE, asynchronous
from support import ROOT

GUIDE = (ROOT / "docs" / "editors.md").read_text("utf-8")
LOUD = '# %%\nprint("🎉", "é")  # 😀\n'
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def on_path(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``modlint`` is this one."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "modlint"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m modlint "$@"\n')
    command.chmod(0o755)
    return {**ENVIRONMENT, "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}


# --- Neovim -----------------------------------------------------------------------------------

#: Waits for the faults, mends them, and tells what was seen.
SESSION = """
local function wait(holds) assert(vim.wait(%d, holds, 20), "the server says nothing") end
wait(function() return #vim.diagnostic.get(0) > 0 end)
local seen = vim.diagnostic.get(0)
vim.api.nvim_win_set_cursor(0, { 2, seen[1].col })
local said = vim.lsp.buf_request_sync(0, "textDocument/hover",
  vim.lsp.util.make_position_params(0, vim.lsp.get_clients()[1].offset_encoding), %d)
vim.lsp.buf.code_action({
  context = { only = { "source.fixAll.modlint" }, diagnostics = {} }, apply = true,
})
wait(function() return #vim.diagnostic.get(0) == 0 end)
vim.cmd.write()
local page = ""
for _, one in pairs(said) do page = one.result.contents.value end
vim.fn.writefile({ vim.json.encode({ seen = seen, page = page }) }, "seen.json")
vim.cmd.quitall()
"""


def _has_neovim() -> bool:
    found = shutil.which("nvim")
    if found is None:
        return False
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"NVIM v(\d+)\.(\d+)", told)
    return version is not None and (int(version[1]), int(version[2])) >= (0, 11)


@pytest.mark.skipif(not _has_neovim(), reason="Debian's Neovim has no vim.lsp.config: 0.11 has")
def test_neovim(tmp_path: Path, on_path: dict[str, str]) -> None:
    (tmp_path / "m.py").write_text(LOUD)
    (tmp_path / "init.lua").write_text(_blocks("lua")[0])
    milliseconds = DEADLINE * 1000
    (tmp_path / "session.lua").write_text(SESSION % (milliseconds, milliseconds))
    homes = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    done = subprocess.run(
        ["nvim", "--headless", "-u", "init.lua", "m.py", "-c", "luafile session.lua", "-c", "cq"],
        cwd=tmp_path, env=on_path | homes, capture_output=True, text=True, check=False,
        timeout=3 * DEADLINE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads((tmp_path / "seen.json").read_text())
    (found,) = seen["seen"]
    assert (found["code"], found["source"], found["lnum"]) == ("IMP002", "modlint", 1)
    line = LOUD.splitlines()[1].encode()  # Neovim counts bytes in the end
    assert line[found["col"] : found["end_col"]].decode() == 'print("🎉", "é")'
    assert seen["page"].startswith("# IMP002")
    assert (tmp_path / "m.py").read_text() == (
        '# %%\nif __name__ == "__main__":\n    print("🎉", "é")  # 😀\n'
    )


# --- JupyterLab -------------------------------------------------------------------------------


@contextmanager
def _jupyter(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of a Jupyter server that is started in a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", "--ServerApp.port_retries=0",
               f"--ServerApp.port={port}", "--IdentityProvider.token="]  # fmt: skip
    homes = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options],
            cwd=folder, env=environment | homes, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            address = f"127.0.0.1:{port}"
            end = time.monotonic() + DEADLINE
            while True:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end, (folder / "log").read_text()
                try:
                    urlopen(f"http://{address}/api", timeout=DEADLINE).close()
                    break
                except URLError:
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(DEADLINE)


@asynchronous
async def test_jupyter(tmp_path: Path, on_path: dict[str, str]) -> None:
    settings = next(block for block in _blocks("json") if "LanguageServerManager" in block)
    (tmp_path / "CONFIG").mkdir()
    (tmp_path / "CONFIG" / "jupyter_server_config.json").write_text(settings)
    with _jupyter(tmp_path, on_path) as address:
        with urlopen(f"http://{address}/lsp/status", timeout=DEADLINE) as answer:
            told = json.load(answer)
        assert told["sessions"]["modlint"]["spec"]["languages"] == ["python"]
        socket_ = await websocket_connect(f"ws://{address}/lsp/ws/modlint")
        initialize: dict[str, Any] = {
            "processId": None,
            "rootUri": tmp_path.as_uri(),
            "capabilities": {},
        }
        item = {"uri": f"{tmp_path.as_uri()}/m.py", "languageId": "python", "version": 3}
        for message in (
            {"id": 1, "method": "initialize", "params": initialize},
            {"method": "initialized", "params": {}},
            {"method": "textDocument/didOpen", "params": {"textDocument": item | {"text": LOUD}}},
        ):
            await socket_.write_message(json.dumps({"jsonrpc": "2.0", **message}))
        while True:
            heard = await socket_.read_message()
            assert heard is not None, "the server is gone"
            said = json.loads(heard)
            if said.get("method") == "textDocument/publishDiagnostics":
                break
        assert said["params"]["version"] == 3
        assert [d["code"] for d in said["params"]["diagnostics"]] == ["IMP002"]
        socket_.close()


def test_the_settings_are_json() -> None:
    assert all(json.loads(block) for block in _blocks("json"))
