"""The command on a real terminal: a pseudo-terminal of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pexpect

from support import ROOT, as_modules

#: Seconds until what is waited for counts as never coming.
_NEVER = 120
_DECIDES = ("NO_COLOR", "FORCE_COLOR", "CI", "TERM")


def terminal(folder: Path, *arguments: str, **environment: str) -> pexpect.spawn[str]:
    """The command at work on a terminal; ``environment`` is added to that of the tests."""
    inherited = {name: value for name, value in os.environ.items() if name not in _DECIDES}
    return pexpect.spawn(
        sys.executable,
        ["-m", "modlint", *as_modules(*arguments)],
        cwd=str(folder),
        env={**inherited, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", **environment},
        encoding="utf-8",
        timeout=_NEVER,
    )


def ended(child: pexpect.spawn[str]) -> tuple[int | None, str]:
    """The exit status of the command, once it has ended, and what it wrote last."""
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus, str(child.before)
