"""``modlint fix --interactive``: each fix with its diff, and what to do about it."""

from __future__ import annotations

import sys

import click

from modlint.cache import wants_colour
from modlint.cli.run import Run
from modlint.cli.telling import say, show
from modlint.diagnostics import Applicability
from modlint.discovery import Failure
from modlint.fixing.choosing import Choice, Offer, fix_chosen
from modlint.fixing.engine import Outcome
from modlint.modules import Checked
from modlint.output import diff, ways_out
from modlint.output.text import printable

_HELP = {
    "y": "apply this fix",
    "n": "leave it",
    "a": "apply this fix and, without asking, all others of this rule that are as safe",
    "d": "leave it and all that follow in this file",
    "q": "quit; what was accepted so far is written",
    "?": "show this help",
}
_CHOICES = {"y": Choice.APPLY, "n": Choice.LEAVE, "a": Choice.APPLY, "d": Choice.STOP}


class Dialogue:
    """One conversation over all files of a run, in the keys of ``git add --patch``.

    Answers are lines of standard input, a terminal or not; where they end, so does the
    conversation. ``is_over``: no further file is to be looked at; ``has_asked``: there was a
    fix to be chosen.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        run.shows_progress = False  # it would stand where the answers are typed
        self.is_over = False
        self.has_asked = False
        self._path = ""
        self._all_of: set[tuple[str, Applicability]] = set()

    def fixed(self, checked: Checked, *, unsafe: bool) -> Outcome:
        """The module with the fixes that were chosen."""
        self._path = checked.path
        return fix_chosen(checked.file, checked.diagnostics, checked.settings, self, unsafe=unsafe)

    def choose(self, offer: Offer) -> Choice:
        """Show the fix and ask what to do about it."""
        kind = (offer.mends[0].code, offer.fix.applicability)
        for diagnostic in offer.mends if offer.new else ():
            show(ways_out.told(self._path, diagnostic, offer.file))
        if kind in self._all_of:
            say(f"({offer.number}/{offer.total}) Yes, as to all of {offer.mends[0].code}.")
            return Choice.APPLY
        if offer.new is None:
            show(ways_out.render(self._path, offer.file, offer.mends[0], offer.fix))
        else:
            origins = [cell.origin for cell in offer.new.cells]
            text = diff.render_files(self._path, offer.file, offer.new, origins)
            # The line above says which file it is; of a notebook, the heads name the cells.
            show("\n".join(text.splitlines()[0 if offer.file.store else 2 :]))
        self.has_asked |= offer.new is not None
        key = self._key(offer)
        if key == "q":
            self.is_over = True
            return Choice.STOP
        if key == "a":
            self._all_of.add(kind)
        return _CHOICES[key]

    def refuse(self, why: str) -> None:
        """Say that a fix did not pass its proof; the others go on."""
        self.run.fail(Failure(self._path, f"not fixed: {why}"))

    def _key(self, offer: Offer) -> str:
        """The answer: one of the keys that mean something here."""
        keys = "ynadq?" if offer.new else "ndq?"
        question = "Apply this fix" if offer.new else "For you to decide, nothing is applied: go on"
        prompt = f"({offer.number}/{offer.total}) {question} [{','.join(keys)}]? "
        while True:
            coloured = click.style(prompt, fg="blue", bold=True)
            click.echo(coloured if wants_colour(sys.stderr) else prompt, nl=False, err=True)
            answer = _line()
            if answer is None:
                say("\nThe answers have ended: nothing further is applied.")
                return "q"
            key = answer.strip().lower()[:1]
            if offer.new is None and key in ("y", "a"):
                key = "n"  # whoever says yes to all goes on, too
            if key and key in keys and key != "?":
                return key
            if key or sys.stdin.isatty():
                for shown in keys:
                    say(f"{shown} - {_HELP[shown]}")


def _line() -> str | None:
    """A line of standard input; None at its end."""
    if sys.stdin is None:
        return None
    line = sys.stdin.buffer.readline()
    if not line:
        return None
    text = line.decode("utf-8", "replace")
    if not sys.stdin.isatty():
        say(printable(text.rstrip("\r\n")))  # as a terminal shows what is typed
    return text
