"""``modlint init``: show what a course lacks, and write it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from modlint.cli.telling import CLEAN, FAILED, FOUND, say, show
from modlint.discovery import discover
from modlint.initial import PRE_COMMIT, Source, Step, installed_from, plan
from modlint.output import diff
from modlint.output.text import counted, printable
from modlint.settings import Settings
from modlint.writing import NotWritten, write_atomically


@click.command("init")
@click.option("--yes", "-y", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and no more.")
@click.option(
    "--repo",
    metavar="URL",
    help="The git repository to install modlint from; by default the one it came from, if any.",
)
@click.option("--rev", metavar="REVISION", help="The tag or commit of it.")
def command(yes: bool, dry_run: bool, repo: str | None, rev: str | None) -> None:
    """Begin with modlint: settings, a pre-commit hook, a step of CI.

    They are made for the git repository around the current folder, else for that folder,
    are shown and, after a question, written. What is there already stays as it is. Exit
    status: 0 written, or nothing to write; 1 not wanted; 2 something could not be written.
    """
    if (repo is None) != (rev is None):
        raise click.UsageError("--repo and --rev go together.")
    source = installed_from()
    if repo is not None and rev is not None:
        if not f"{repo}{rev}".isprintable() or " " in repo + rev:
            raise click.UsageError("--repo and --rev are a URL and a revision, without spaces.")
        source = Source(repo, rev)
    root = _root()
    # All files, whatever settings exclude: where modules are is what is asked.
    found = (path for path in discover([str(root)], lambda folder: Settings()))
    files = [Path(os.path.relpath(p, root)).as_posix() for p in found if isinstance(p, str)]
    steps = plan(root, files, source)
    for step in steps:
        _tell(root, step)
    new = [step for step in steps if step.new is not None]
    if not new:
        say("Nothing to write.")
    elif dry_run:
        say(f"Would write {_files(new)}.")
    elif not (yes or _confirmed(new)):
        say("Nothing written.")
        sys.exit(FOUND)
    elif [step for step in new if not _written(root, step)]:
        sys.exit(FAILED)
    else:
        _tell_what_is_next(new)
    sys.exit(CLEAN)


def _root() -> Path:
    """The git repository around the current folder; where there is none, that folder."""
    here = Path.cwd()
    return next((p for p in (here, *here.parents) if (p / ".git").exists()), here)


def _shown(root: Path, step: Step) -> str:
    return printable(os.path.relpath(root / step.path))


def _tell(root: Path, step: Step) -> None:
    """Show what is to be written, or say why nothing is."""
    name = _shown(root, step)
    if step.new is not None:
        show(diff.render(name, step.old or "", step.new).rstrip("\n"))
        return
    say(f"{name}: left alone: {printable(step.why)}{'; to be put there:' if step.paste else ''}")
    if step.paste:
        show("".join(f"    {line}\n" for line in step.paste.splitlines()).rstrip("\n"))


def _files(steps: list[Step]) -> str:
    return counted(len(steps), "file")


def _confirmed(steps: list[Step]) -> bool:
    try:
        return click.confirm(f"Write {_files(steps)}?", err=True)
    except click.Abort:  # the answers have ended
        say("")
        return False


def _written(root: Path, step: Step) -> bool:
    """Whether the file now is what was shown."""
    path = root / step.path
    data = (step.new or "").encode()
    try:
        if step.old is not None:
            write_atomically(str(path), step.old.encode(), data)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "xb") as stream:
                stream.write(data)
    except NotWritten as error:
        say(f"error: {_shown(root, step)}: {error}")
    except OSError as error:
        say(f"error: {_shown(root, step)}: {error.strerror}")
    else:
        return True
    return False


def _tell_what_is_next(written: list[Step]) -> None:
    say(f"Wrote {_files(written)}. Next:")
    if PRE_COMMIT in [step.path for step in written]:
        say("  pre-commit install        # check each commit")
    say("  modlint check             # see what is there")
    say("  modlint baseline write    # accept that for now: only what is new will be shown")
