"""Documents, replayed: a scratch repository in which their commands are run.

Everything is real: git, pre-commit, the environment that pre-commit makes for the hook. Where
a document installs modlint from ``https://git.example.org/modlint``, git takes the working
tree of this checkout.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support import ROOT

URL = "https://git.example.org/modlint"
REVISION = "v0.1.0"
_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
#: What a run of the tests, or of git itself, may have set for its own purposes.
_NOT_PASSED_ON = ("GIT_", "PRE_COMMIT", "SKIP", "PYTHONPATH", "FORCE_COLOR")


class Scratch:
    """A course at ``folder``, with git, pre-commit and modlint at hand; ``aside`` is for them."""

    def __init__(self, folder: Path, aside: Path) -> None:
        self.folder = folder
        self.status = 0
        bin_folder = aside / "bin"
        bin_folder.mkdir(parents=True)
        python = f'exec "{sys.executable}" -m'
        _script(bin_folder / "modlint", f'PYTHONPATH="{ROOT / "src"}" {python} modlint "$@"')
        _script(bin_folder / "pre-commit", f'{python} pre_commit "$@"')
        settings = {
            f"url.{_repository(aside / 'modlint')}.insteadOf": URL,
            "protocol.file.allow": "always",
            "init.defaultBranch": "main",
            "user.name": "A Teacher",
            "user.email": "teacher@example.org",
        }
        passed_on = {k: v for k, v in os.environ.items() if not k.startswith(_NOT_PASSED_ON)}
        self.environment = {
            **passed_on,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            # Of git's variables, pre-commit passes on these.
            "GIT_CONFIG_COUNT": str(len(settings)),
            **{f"GIT_CONFIG_KEY_{n}": key for n, key in enumerate(settings)},
            **{f"GIT_CONFIG_VALUE_{n}": value for n, value in enumerate(settings.values())},
            "PRE_COMMIT_HOME": str(aside / "pre-commit"),
            "MODLINT_CACHE_DIR": str(aside / "cache"),
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, command: str) -> str:
        """What a command of the shell writes, errors included; ``$?`` is that of the one before."""
        done = subprocess.run(
            ["bash", "-c", f"(exit {self.status}); {command}"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        self.status = done.returncode
        return done.stdout

    def replay(self, document: str) -> str:
        """The document with what the commands of its ``console`` blocks write now."""
        return _BLOCK.sub(self._replayed, document)

    def _replayed(self, block: re.Match[str]) -> str:
        commands = re.findall(r"^\$ .*(?:\\\n.*)*\n", block.group(), re.MULTILINE)
        return "".join(command + self.run(command.removeprefix("$ ")) for command in commands)


def _script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _repository(path: Path) -> Path:
    """The working tree of this checkout as a repository of its own, with a tag."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():  # one that was just removed is listed still
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-C", str(path)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"], ["tag", REVISION]):
        subprocess.run([*git, *command], env=environment, check=True)
    return path
