"""``modlint fix``: mend."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from modlint.analysis.module import Twin
from modlint.cli.mending import Mended, Mending, Shown
from modlint.cli.options import jobs_option, limit_options, module_options, settings_for
from modlint.cli.run import Run
from modlint.cli.telling import CLEAN, FAILED, FOUND, say, show
from modlint.diagnostics import Applicability
from modlint.discovery import Failure, twin_path
from modlint.execution.observation import Limits
from modlint.fixing.engine import Outcome
from modlint.memory import uncollected
from modlint.modules import Checked, pair_diagnostics, twin_at
from modlint.notebook.reading import read
from modlint.output import patch as patches
from modlint.output.text import counted, line
from modlint.reports import Finding, finding_of
from modlint.rules import about_suppressions
from modlint.writing import NotWritten, write_atomically

if TYPE_CHECKING:
    from modlint.cli.interactive import Dialogue


def _reason(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not value.isprintable() or "#" in value or "-->" in value:
        raise click.BadParameter("must be one line, without `#` and `-->`")
    return value


@click.command("fix")
@module_options
@click.option("--apply", is_flag=True, help="Write the fixes instead of showing them.")
@click.option(
    "--interactive", "-i", is_flag=True, help="Ask for each fix, and write those that are chosen."
)
@click.option(
    "--diff",
    "patch",
    is_flag=True,
    help="Show the fixes as one patch that `git apply` takes, and nothing else.",
)
@click.option("--unsafe-fixes", is_flag=True, help="Also those that may change meaning or grading.")
@click.option(
    "--verify",
    is_flag=True,
    help="RUN each module before and after, as a script, on import and cell by cell; fixes that "
    "change what is printed, displayed or graded, or leave the import loud, are refused.",
)
@click.option(
    "--add-ignores",
    is_flag=True,
    help="Mend nothing: suppress, in comments, all that is found, but for what is wrong with "
    "suppressions that are there.",
)
@click.option(
    "--reason",
    metavar="TEXT",
    default="",
    callback=_reason,
    help="What to say behind each suppression that is added.",
)
@click.option("--quiet", "-q", is_flag=True, help="Show no summary.")
@jobs_option
@click.option(
    "--mock-missing",
    is_flag=True,
    help="With --verify: let stand-ins take the place of missing packages.",
)
@limit_options
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: str,
    apply: bool,
    interactive: bool,
    patch: bool,
    unsafe_fixes: bool,
    verify: bool,
    add_ignores: bool,
    reason: str,
    quiet: bool,
    jobs: int | None,
    mock_missing: bool,
    timeout: float,
    memory: int,
) -> None:
    """Show the fixes for the modules in PATHS as a diff; with --apply, write them.

    A file is written only after its new text is proven: it parses, nothing that
    the fixes do not declare has changed, no comment is lost. A fix that does not
    pass is refused, and the others are made. With --verify, the module is also
    run, before and after. Exit status: 0 nothing to do (or, with --apply, nothing
    left), 1 fixes shown (or diagnostics left), 2 a fix was refused, or something
    could not be checked or written.
    """
    if patch and (apply or interactive):
        raise click.UsageError("--diff writes no file: it stands without the others.")
    if add_ignores and (interactive or unsafe_fixes or verify):
        raise click.UsageError("--add-ignores mends nothing: it stands without the others.")
    if not add_ignores:
        _refuse_given("--add-ignores", "reason")
    if not verify:
        _refuse_given("--verify", "mock_missing", "timeout", "memory")
    run = Run(paths, settings_for(select, ignore), stdin_filename, pairs=False)
    if interactive and "-" in run.paths:
        raise click.UsageError("--interactive reads answers from standard input, not a module.")
    shows = Shown.PATCH if patch else Shown.DIFF
    mending = Mending(
        unsafe_fixes,
        reason if add_ignores else None,
        Shown.NOTHING if apply or interactive else shows,
        Limits(timeout, memory) if verify else None,
        mock_missing,
    )
    session = _Session(run, mending, apply or interactive)
    if interactive:
        from modlint.cli.interactive import Dialogue

        session.dialogue = Dialogue(run)
    with uncollected():
        # What runs a module gives it its time: nothing else is to take that away.
        session.take_all(1 if verify else jobs)
    session.compare_pairs()
    session.give_back()
    if not quiet:
        session.summarise()
    sys.exit(session.exit_code())


def _refuse_given(wanted: str, *names: str) -> None:
    """Raise a usage error for an option that has no effect without another."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} is for {wanted}.")


class _Session:
    """One run of the command over all its files."""

    def __init__(self, run: Run, mending: Mending, apply: bool) -> None:
        self.run = run
        self.mending = mending
        self.apply = apply
        self.dialogue: Dialogue | None = None  # who is asked which fixes to apply
        self.noun = "fix" if mending.reason is None else "suppression"
        self.fixes = 0
        self.files = 0
        self.mended = 0  # problems: one fix may be that of several
        self.refused = 0  # files that are not as they could be: they could not be written
        self.left_out = 0  # fixes that did not pass their proof
        self.left: list[Finding] = []
        self.results: dict[str, bytes | None] = {}  # None: as it stands on disk

    def take_all(self, jobs: int | None) -> None:
        """Mend one module after the other, until there is none or the user wants no more."""
        chosen = self._chosen if self.dialogue else None
        for mended in self.run.mended(self.mending, jobs, chosen):
            self.take(mended)
            if self.dialogue and self.dialogue.is_over:
                seen = (*self.results, *(failure.path for failure in self.run.failures))
                if unseen := len(self.run.found - set(map(os.path.abspath, seen))):
                    say(f"{counted(unseen, 'file')} not looked at.")
                break

    def _chosen(self, checked: Checked) -> Outcome:
        assert self.dialogue is not None
        return self.dialogue.fixed(checked, unsafe=self.mending.unsafe)

    def take(self, mended: Mended) -> None:
        """Tell what became of one module file and, with ``--apply``, write it."""
        for told in mended.told:
            if isinstance(told, Failure):
                self.run.fail(told)
            else:
                say(told)
        is_piped = self.run.paths == ("-",)
        if mended.applied and self.apply and not is_piped:
            try:
                write_atomically(mended.path, mended.before, mended.after)
            except NotWritten as error:
                self.run.fail(Failure(mended.path, str(error)))
                mended.refuse()
        if self.apply and is_piped:
            sys.stdout.buffer.write(mended.after if mended.applied else self.run.stdin_data)
        for text in mended.shown:
            show(text)
        if mended.patch:
            patches.write(mended.patch)
        self._count(mended)
        is_elsewhere = mended.applied and not self.apply
        self.results[mended.path] = mended.after if is_elsewhere else None

    def _count(self, mended: Mended) -> None:
        self.fixes += mended.applied
        self.files += bool(mended.applied)
        self.refused += mended.is_refused
        self.left_out += mended.refused
        self.mended += len(mended.found) - len(mended.left)
        self.left += mended.left
        if self.apply and not self.dialogue:
            for finding in mended.left:
                # Where the fixed text stands on standard output, nothing else may.
                text = line(mended.path, finding, mended.counts_in_cells)
                show(text, err=self.run.paths == ("-",))

    def give_back(self) -> None:
        """Write what came on standard input and could not be read: it takes that one's place."""
        if self.apply and self.run.stdin_data and not self.results:
            sys.stdout.buffer.write(self.run.stdin_data)

    def compare_pairs(self) -> None:
        """Hold each module against its notebook, as both are after the fixes."""
        for path in self.results:
            other = twin_path(path, self.run.found)
            if other is None:
                continue
            own, twin = self._twin(path), self._twin(other)
            if own is None:
                continue  # it has gone meanwhile
            found = pair_diagnostics(own.file, self.run.resolver.of(path), twin)
            for finding in map(finding_of, found):
                self.left.append(finding)
                if self.mending.shows is not Shown.PATCH:
                    show(line(path, finding, own.file.store is not None))

    def _twin(self, path: str) -> Twin | None:
        """A file of a pair, as it is after the fixes, written or not."""
        fixed = self.results.get(path)
        return twin_at(path) if fixed is None else Twin(path, read(fixed, path))

    def summarise(self) -> None:
        """Say what was done, or could be."""
        if not self.run.count:
            return
        count = counted(self.fixes, self.noun, "fixes" if self.noun == "fix" else "")
        files = counted(self.files, "file")
        if self.mended > self.fixes:
            files += f" for {self.mended} problems"
        how = "--apply" if self.noun == "fix" else "--add-ignores --apply"
        parts: list[str] = []
        if self.fixes:
            done = f"Applied {count} in {files}."
            planned = f"Would apply {count} in {files}; write them with `modlint fix {how}`."
            parts.append(done if self.apply else planned)
        if self.left_out:
            parts.append(f"{counted(self.left_out, 'fix was', 'fixes were')} refused.")
        if self.refused:
            parts.append(f"{counted(self.refused, 'file was', 'files were')} not fixed.")
        declined = self.dialogue is not None and self.dialogue.has_asked
        said = " ".join(parts) or ("Nothing applied." if declined else "Nothing to fix.")
        unsafe = sum(1 for d in self.left if d.fix and d.fix.applicability is Applicability.UNSAFE)
        if self.left:
            said += f" {counted(len(self.left), 'problem')} left"
            said += f", {unsafe} fixable with `--unsafe-fixes`." if unsafe else "."
        about = sum(1 for d in self.left if d.code in about_suppressions())
        if about and self.noun == "suppression":
            said += f" {about} of them in suppressions that were there, which stay as they are."
        say(said)

    def exit_code(self) -> int:
        """As the command's help says."""
        if self.run.failed or self.run.found_none:
            return FAILED
        found = self.left if self.apply else self.fixes
        return FOUND if found else CLEAN
