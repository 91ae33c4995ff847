"""``modlint fix``: mend."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from modlint.analysis.module import Twin
from modlint.analysis.suppressions import ABOUT_SUPPRESSIONS
from modlint.cli.options import limit_options, module_options, settings_for
from modlint.cli.run import Run
from modlint.cli.telling import CLEAN, FAILED, FOUND, say, show
from modlint.cli.ways_out import show_ways_out, tell
from modlint.diagnostics import Applicability, Diagnostic
from modlint.discovery import Failure, twin_path
from modlint.execution.observation import Limits
from modlint.fixing.engine import Outcome, fix
from modlint.fixing.ignoring import with_suppressions
from modlint.memory import Spent, uncollected
from modlint.modules import Checked, pair_diagnostics, twin_at
from modlint.notebook.cell import ModuleFile
from modlint.output import diff
from modlint.output.text import counted, printable
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
    help="RUN each module before and after; a fix that changes what its script prints, or "
    "does not silence its import, is refused.",
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
    mock_missing: bool,
    timeout: float,
    memory: int,
) -> None:
    """Show the fixes for the modules in PATHS as a diff; with --apply, write them.

    A file is written only after its new text is proven: it parses, nothing that
    the fixes do not declare has changed, no comment is lost. With --verify, the
    module is also run, as `modlint verify` does. Exit status: 0
    nothing to do (or, with --apply, nothing left), 1 fixes shown (or diagnostics
    left), 2 something could not be checked or written.
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
    limits = Limits(timeout, memory) if verify else None
    session = _Session(run, apply or interactive, unsafe_fixes, limits)
    session.patch = patch
    session.mock_missing = mock_missing
    if interactive:
        from modlint.cli.interactive import Dialogue

        session.dialogue = Dialogue(run)
    if add_ignores:
        session.mend = lambda checked: with_suppressions(checked.file, checked.settings, reason)
        session.noun = "suppression"
    with uncollected():
        session.take_all()
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

    def __init__(self, run: Run, apply: bool, unsafe: bool, limits: Limits | None) -> None:
        self.run = run
        self.apply = apply
        self.unsafe = unsafe
        self.limits = limits  # to run the modules in; None where they are not to be run
        self.dialogue: Dialogue | None = None  # who is asked which fixes to apply
        self.mock_missing = False
        self.mend: Callable[[Checked], Outcome] = self._fixed
        self.noun = "fix"
        self.patch = False
        self.fixes = 0
        self.files = 0
        self.mended = 0  # problems: one fix may be that of several
        self.refused = 0  # files that are not as they could be: a fix was faulty, or not written
        self.left: list[Diagnostic] = []
        self.results: dict[str, ModuleFile] = {}

    def take_all(self) -> None:
        """Mend one module after the other, until there is none or the user wants no more."""
        spent = Spent()
        for checked in self.run.modules():
            self.take(checked)
            spent.on(len(checked.file.text))
            if self.dialogue and self.dialogue.is_over:
                seen = (*self.results, *(failure.path for failure in self.run.failures))
                if unseen := len(self.run.found - set(map(os.path.abspath, seen))):
                    say(f"{counted(unseen, 'file')} not looked at.")
                break

    def take(self, checked: Checked) -> None:
        """Fix one module file."""
        try:
            outcome = self.mend(checked)
        except Exception as error:  # one file that we fail on must not hide the others
            fault = f"internal error of modlint: {type(error).__name__}: {error}"
            outcome = Outcome(checked.file, checked.diagnostics, fault=fault)
        if outcome.fault:
            self.run.fail(Failure(checked.path, f"not fixed: {outcome.fault}"))
            self.refused += 1
        elif outcome.applied and not self._can_stand(checked, outcome):
            if not self.apply and not self.patch:
                self._show(checked, outcome)
            outcome = Outcome(checked.file, checked.diagnostics)
            self.refused += 1
        if self.run.paths == ("-",):
            if self.apply:
                sys.stdout.buffer.write(outcome.file.to_bytes())
            else:
                self._show(checked, outcome)
        elif not self.apply:
            self._show(checked, outcome)
        self._count(checked, outcome)
        self.results[checked.path] = outcome.file

    def _fixed(self, checked: Checked) -> Outcome:
        if self.dialogue:
            return self.dialogue.fixed(checked, unsafe=self.unsafe)
        return fix(
            checked.file,
            checked.diagnostics,
            checked.settings,
            unsafe=self.unsafe,
            module=checked.module,
        )

    def give_back(self) -> None:
        """Write what came on standard input and could not be read: it takes that one's place."""
        if self.apply and self.run.stdin_data and not self.results:
            sys.stdout.buffer.write(self.run.stdin_data)

    def compare_pairs(self) -> None:
        """Hold each module against its notebook, as both are after the fixes."""
        for path, file in self.results.items():
            other = twin_path(path, self.run.found)
            if other is None:
                continue
            fixed = self.results.get(other)
            twin = Twin(other, fixed) if fixed else twin_at(other)
            found = pair_diagnostics(file, self.run.resolver.of(path), twin)
            self.left += found
            for diagnostic in () if self.patch else found:
                tell(path, diagnostic, file)

    def _can_stand(self, checked: Checked, outcome: Outcome) -> bool:
        """Whether the fixed text is good and, with ``--apply``, now stands in the file."""
        return self._holds(checked, outcome) and self._write(checked, outcome)

    def _holds(self, checked: Checked, outcome: Outcome) -> bool:
        """Whether the fixed module, where that is to be seen, does what it should."""
        if self.limits is None:
            return True
        from modlint.execution.comparing import compare

        seen = compare(
            checked.path,
            checked.file,
            outcome.file,
            outcome.remaining,
            checked.settings,
            self.limits,
            mock_missing=self.mock_missing,
        )
        why, *lines = seen.objection.split("\n")
        if why:
            self.run.fail(Failure(checked.path, f"not fixed: {why}"))
            for shown in lines:
                say(f"  {printable(shown)}")
            return False
        left = sum(diagnostic.code.startswith("IMP") for diagnostic in outcome.remaining)
        acts = [f"what is left ({left})"] if left else []
        acts += [f"what is allowed ({seen.allowed})"] if seen.allowed else []
        said = f"on import nothing but {' and '.join(acts)}" if acts else "silent on import"
        if seen.failure:
            said = f"verified as far as it runs: {said}; {seen.failure}, before and after; "
            said += "what follows was not seen"
        else:
            said = f"verified: {said}, the script does the same"
        if seen.mocked:
            said += f"; stand-ins for missing packages: {', '.join(seen.mocked)}"
        say(f"{printable(checked.path)}: {printable(said)}")
        return True

    def _write(self, checked: Checked, outcome: Outcome) -> bool:
        if self.patch and os.path.islink(checked.path):  # git would refuse the whole patch
            self.run.fail(Failure(checked.path, "is a link; give the path of the file itself"))
            return False
        if not self.apply or self.run.paths == ("-",):
            return True
        try:
            write_atomically(checked.path, checked.file.to_bytes(), outcome.file.to_bytes())
        except NotWritten as error:
            self.run.fail(Failure(checked.path, str(error)))
            return False
        return True

    def _show(self, checked: Checked, outcome: Outcome) -> None:
        if self.patch:
            if outcome.applied:
                from modlint.output.patch import write

                write(checked.path, checked.file.to_bytes(), outcome.file.to_bytes())
            return
        if outcome.applied:
            text = diff.render_files(checked.path, checked.file, outcome.file, outcome.origins)
            show(text.rstrip("\n"))
        for diagnostic in outcome.remaining:
            if diagnostic.fix and diagnostic.fix.applicability is Applicability.DISPLAY:
                show_ways_out(checked.path, outcome.file, diagnostic, diagnostic.fix)

    def _count(self, checked: Checked, outcome: Outcome) -> None:
        self.fixes += len(outcome.applied)
        self.files += bool(outcome.applied)
        self.mended += len(checked.diagnostics) - len(outcome.remaining)
        self.left += outcome.remaining
        if self.apply and not self.dialogue:
            for diagnostic in outcome.remaining:
                # Where the fixed text stands on standard output, nothing else may.
                tell(checked.path, diagnostic, outcome.file, err=self.run.paths == ("-",))

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
        if self.refused:
            parts.append(f"{counted(self.refused, 'file was', 'files were')} not fixed.")
        declined = self.dialogue is not None and self.dialogue.has_asked
        said = " ".join(parts) or ("Nothing applied." if declined else "Nothing to fix.")
        unsafe = sum(1 for d in self.left if d.fix and d.fix.applicability is Applicability.UNSAFE)
        if self.left:
            said += f" {counted(len(self.left), 'problem')} left"
            said += f", {unsafe} fixable with `--unsafe-fixes`." if unsafe else "."
        about = sum(1 for d in self.left if d.code in ABOUT_SUPPRESSIONS)
        if about and self.noun == "suppression":
            said += f" {about} of them in suppressions that were there, which stay as they are."
        say(said)

    def exit_code(self) -> int:
        """As the command's help says."""
        if self.run.failed or not self.run.count:
            return FAILED
        found = self.left if self.apply else self.fixes
        return FOUND if found else CLEAN
