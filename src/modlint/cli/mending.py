"""One module file: from disk to its mended text, and all that is to be told of it."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from modlint.diagnostics import Applicability
from modlint.discovery import Failure, Task
from modlint.execution.observation import Limits
from modlint.fixing.engine import Outcome, fix
from modlint.fixing.ignoring import with_suppressions
from modlint.modules import Checked, check_path
from modlint.output import diff, patch, ways_out
from modlint.output.text import printable
from modlint.reports import Finding, finding_of


class Shown(Enum):
    """What the user is to see of the fixes of a file."""

    DIFF = "diff"
    PATCH = "patch"
    NOTHING = "nothing"


@dataclass(slots=True)
class Mended:
    """What became of one module file, in plain data.

    ``applied`` fixes lie between the bytes ``before`` and ``after``, which are there if that is
    not 0; ``found`` and ``left`` is what is reported of the one and of the other. ``told`` is
    what stood in the way, and words beside the result, in their order; ``shown`` is the
    result for a reader. ``is_refused``: the file could be mended, and is not; ``refused`` counts
    single fixes that did not pass their proof.
    """

    path: str
    counts_in_cells: bool
    found: list[Finding]
    left: list[Finding]
    applied: int = 0
    before: bytes = b""
    after: bytes = b""
    told: list[Failure | str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    patch: bytes = b""
    is_refused: bool = False
    refused: int = 0

    def refuse(self) -> None:
        """Leave the file as it was."""
        self.left, self.applied, self.is_refused = self.found, 0, True


@dataclass(frozen=True, slots=True)
class Mending:
    """What is done with each file, wherever the work goes (:class:`modlint.workers.Job`).

    ``unsafe``: unsafe fixes are applied, too. ``reason``: nothing is mended, but suppressed for
    this reason, which may be empty. ``limits`` are those in which a module is run before and
    after, if it is to be run.
    """

    unsafe: bool = False
    reason: str | None = None
    shows: Shown = Shown.DIFF
    limits: Limits | None = None
    mock_missing: bool = False

    def __call__(self, task: Task) -> Mended | Failure:
        """What becomes of a file."""
        checked = check_path(task.path, task.settings, task.twin)
        return checked if isinstance(checked, Failure) else self.of(checked, self.outcome)

    def pack(self, mended: Mended) -> bytes:
        """What became of a file, on its way between processes."""
        return pickle.dumps(mended)

    def unpack(self, data: bytes) -> Mended:
        """The same where it arrives."""
        mended: Mended = pickle.loads(data)  # from a process of our own
        return mended

    def outcome(self, checked: Checked) -> Outcome:
        """All fixes, or suppressions, of a file, proven."""
        if self.reason is not None:
            return with_suppressions(checked.file, checked.settings, self.reason)
        return fix(
            checked.file,
            checked.diagnostics,
            checked.settings,
            unsafe=self.unsafe,
            module=checked.module,
        )

    def of(self, checked: Checked, outcome_of: Callable[[Checked], Outcome]) -> Mended:
        """What becomes of a checked file for which ``outcome_of`` chooses the fixes."""
        found = list(map(finding_of, checked.diagnostics))
        mended = Mended(checked.path, checked.file.store is not None, found, found)
        mended.told += checked.faults
        try:
            outcome = outcome_of(checked)
        except Exception as error:  # one file that we fail on must not hide the others
            fault = f"internal error of modlint: {type(error).__name__}: {error}"
            outcome = Outcome(checked.file, checked.diagnostics, failure=fault)
        mended.told += [Failure(checked.path, f"not fixed: {one}") for one in outcome.refused]
        mended.refused = len(outcome.refused)
        # A fix that was refused is none: where its diagnostic is shown, no mark promises one.
        mended.left = list(map(finding_of, outcome.remaining))
        if outcome.failure:
            mended.told.append(Failure(checked.path, f"not fixed: {outcome.failure}"))
            mended.left = found
            mended.is_refused = True
        elif outcome.applied and not self._can_stand(checked, outcome, mended):
            if self.shows is Shown.DIFF:
                mended.shown += _shown(checked, outcome)
            mended.is_refused = True
            mended.left = found
            outcome = Outcome(checked.file, checked.diagnostics)
        elif outcome.applied:
            mended.applied = len(outcome.applied)
            mended.before, mended.after = checked.file.to_bytes(), outcome.file.to_bytes()
        if self.shows is Shown.DIFF:
            mended.shown += _shown(checked, outcome)
        elif self.shows is Shown.PATCH and outcome.applied:
            mended.patch = patch.render(checked.path, mended.before, mended.after)
        if checked.module is not None:
            checked.module.take_apart()
        return mended

    def _can_stand(self, checked: Checked, outcome: Outcome, mended: Mended) -> bool:
        """Whether nothing speaks against the fixed text; what does is told."""
        if self.limits is not None and not self._holds(checked, outcome, self.limits, mended):
            return False
        if self.shows is Shown.PATCH and os.path.islink(checked.path):
            # git would refuse the whole patch
            why = "is a link; give the path of the file itself"
            mended.told.append(Failure(checked.path, why))
            return False
        return True

    def _holds(self, checked: Checked, outcome: Outcome, limits: Limits, mended: Mended) -> bool:
        """Whether the fixed module does what it should."""
        from modlint.execution.comparing import compare

        seen = compare(
            checked.path,
            checked.file,
            outcome.file,
            outcome.remaining,
            checked.settings,
            limits,
            mock_missing=self.mock_missing,
        )
        why, *lines = seen.objection.split("\n")
        if why:
            mended.told.append(Failure(checked.path, f"not fixed: {why}"))
            mended.told += [f"  {printable(shown)}" for shown in lines]
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
        mended.told.append(f"{printable(checked.path)}: {printable(said)}")
        return True


def _shown(checked: Checked, outcome: Outcome) -> Iterator[str]:
    """The fixes as a diff, and what is left to the author, with the ways out."""
    if outcome.applied:
        text = diff.render_files(checked.path, checked.file, outcome.file, outcome.origins)
        yield text.rstrip("\n")
    for diagnostic in outcome.remaining:
        if diagnostic.fix and diagnostic.fix.applicability is Applicability.DISPLAY:
            yield ways_out.render(checked.path, outcome.file, diagnostic, diagnostic.fix)
