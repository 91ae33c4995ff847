"""What can be done about diagnostics: the actions that an editor shows, and their edits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from modlint.analysis.suppressions import is_about_cell
from modlint.diagnostics import Applicability, Diagnostic, Fix
from modlint.modules import Checked
from modlint.rules import about_suppressions, all_rules
from modlint.server.checking import Judgement, Shown
from modlint.server.documents import NO_TEXT, Document, Notebook
from modlint.server.telling import SOURCE, told

if TYPE_CHECKING:
    from modlint.fixing.engine import Outcome

FIX_ALL = "source.fixAll.modlint"
_QUICK_FIX = types.CodeActionKind.QuickFix.value
#: The kinds that an editor may ask for.
KINDS = (_QUICK_FIX, FIX_ALL)
_CHOOSE = "one way out of several: only the author can choose"


class Way(StrEnum):
    """What an action does."""

    FIX = "fix"
    SUPPRESS = "suppress"
    FIX_RULE = "fix-rule"
    FIX_ALL = "fix-all"


class NotDone(Exception):
    """Why an action has no edit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An action before its edit is computed.

    ``number`` is that of its diagnostic among all of the document; None for ``Way.FIX_ALL``.
    """

    way: Way
    number: int | None = None

    def to_data(self, document: Document, judgement: Judgement) -> dict[str, Any]:
        """What an editor gives back when it wants the edit."""
        return {
            "uri": document.uri,
            "stamp": judgement.stamp,
            "way": str(self.way),
            "number": self.number,
        }


@dataclass(frozen=True, slots=True)
class Client:
    """What an editor understands of actions."""

    resolves: bool
    shows_disabled: bool
    takes_versions: bool

    @classmethod
    def of(cls, capabilities: types.ClientCapabilities) -> Client:
        """What its capabilities say."""
        text = capabilities.text_document
        action = text.code_action if text else None
        resolve = action.resolve_support if action and action.data_support else None
        edit = capabilities.workspace.workspace_edit if capabilities.workspace else None
        return cls(
            resolves=resolve is not None and "edit" in resolve.properties,
            shows_disabled=bool(action and action.disabled_support),
            takes_versions=bool(edit and edit.document_changes),
        )


class Actions:
    """The actions for one state of a document."""

    def __init__(self, document: Document, judgement: Judgement, client: Client) -> None:
        self.document = document
        self.judgement = judgement
        self.client = client

    def offered(
        self, uri: str, place: types.Range, only: Sequence[str] | None
    ) -> Iterator[types.CodeAction]:
        """What can be done at a place; ``only`` are the kinds that are asked for, if any."""
        checked = self.judgement.checked
        if checked is None:
            return
        if _is_wanted(_QUICK_FIX, only):
            here = [s for s in self.judgement.shown if s.text.uri == uri and _meet(s.range, place)]
            yield from self._fixes(checked, here)
            yield from self._suppressions(checked, here)
            yield from self._rules(checked, here)
        # Its edit costs seconds: where it must be told at once, only for who asks for it.
        is_wanted = _is_wanted(FIX_ALL, only) and (only or self.client.resolves)
        safe = [Applicability.SAFE]
        if is_wanted and any(self._can_fix(checked, d, safe) for d in checked.diagnostics):
            title = f"{SOURCE}: Fix all auto-fixable problems"
            yield from self._action(title, FIX_ALL, Plan(Way.FIX_ALL))

    def _fixes(self, checked: Checked, here: list[Shown]) -> Iterator[types.CodeAction]:
        seen: set[int] = set()
        for shown in here:
            found = shown.diagnostic
            if found.fix is None or id(found.fix) in seen:
                continue
            seen.add(id(found.fix))
            fixed = [s for s in here if s.diagnostic.fix is found.fix]
            if found.fix.applicability is Applicability.DISPLAY:
                for way in (found.fix, *found.fix.alternatives):
                    yield from self._disabled(_title(found, way.message), fixed, _CHOOSE)
                continue
            title = _title(found, found.fix.message, found.fix)
            if not self._is_text(checked, found.fix):
                yield from self._disabled(title, fixed, NO_TEXT)
                continue
            plan = Plan(Way.FIX, checked.diagnostics.index(found))
            is_safe = found.fix.applicability is Applicability.SAFE
            yield from self._action(title, _QUICK_FIX, plan, fixed, is_preferred=is_safe)

    def _suppressions(self, checked: Checked, here: list[Shown]) -> Iterator[types.CodeAction]:
        seen = set()
        for shown in here:
            found = shown.diagnostic
            key = (found.code, found.cell, found.start.row)
            if key in seen or found.code in (*about_suppressions(), *_comparing()):
                continue
            seen.add(key)
            if is_about_cell(checked.file, found):
                where = f"in {checked.file.cell_name(found.cell)}"
            else:
                where = f"on line {found.start.row}"
            plan = Plan(Way.SUPPRESS, checked.diagnostics.index(found))
            title = _title(found, f"Suppress {where}")
            yield from self._action(title, _QUICK_FIX, plan, [shown])

    def _rules(self, checked: Checked, here: list[Shown]) -> Iterator[types.CodeAction]:
        seen = set()
        for shown in here:
            found = shown.diagnostic
            if found.fix is None or found.fix.applicability is Applicability.DISPLAY:
                continue
            key = (found.code, found.fix.applicability)
            if key in seen:
                continue
            seen.add(key)
            alike = [
                d.fix
                for d in checked.diagnostics
                if d.code == found.code and self._can_fix(checked, d, _up_to(found.fix))
            ]
            if len({id(one) for one in alike}) < 2:
                continue
            plan = Plan(Way.FIX_RULE, checked.diagnostics.index(found))
            title = _title(found, f"Fix all {found.code}", found.fix)
            yield from self._action(title, _QUICK_FIX, plan, [shown])

    def _action(
        self,
        title: str,
        kind: str,
        plan: Plan,
        fixed: Sequence[Shown] = (),
        *,
        is_preferred: bool = False,
    ) -> Iterator[types.CodeAction]:
        """The action, with its edit where the editor cannot ask for that later."""
        action = types.CodeAction(
            title,
            kind,
            diagnostics=[told(shown) for shown in fixed] or None,
            is_preferred=is_preferred or None,
        )
        if self.client.resolves:
            action.data = plan.to_data(self.document, self.judgement)
        else:
            try:
                action.edit = self.edit(plan)
            except NotDone as why:
                yield from self._disabled(title, fixed, str(why), kind)
                return
        yield action

    def _disabled(
        self, title: str, fixed: Sequence[Shown], why: str, kind: str = _QUICK_FIX
    ) -> Iterator[types.CodeAction]:
        """The action as one that cannot be taken, where the editor shows such."""
        if self.client.shows_disabled:
            diagnostics = [told(shown) for shown in fixed] or None
            disabled = types.CodeActionDisabled(why)
            yield types.CodeAction(title, kind, diagnostics=diagnostics, disabled=disabled)

    def plan_of(self, data: dict[str, Any]) -> Plan:
        """The plan that said this of itself. Raises KeyError or ValueError for other data."""
        plan = Plan(Way(data["way"]), data.get("number"))  # Neovim gives no null back
        known = self.judgement.checked.diagnostics if self.judgement.checked else ()
        if plan.way is not Way.FIX_ALL and plan.number not in range(len(known)):
            raise ValueError("no such diagnostic")
        return plan

    # --- edits --------------------------------------------------------------------------------

    def edit(self, plan: Plan) -> types.WorkspaceEdit:
        """The edit of an action, proven. Raises NotDone where there is none."""
        checked = self.judgement.checked
        if checked is None:
            raise NotDone("there is nothing to mend any more")
        found = checked.diagnostics[plan.number] if plan.number is not None else None
        outcome = self._outcome(checked, plan.way, found)
        if outcome.failure or (outcome.fault and not outcome.applied):
            raise NotDone(f"not fixed: {outcome.fault}")
        if isinstance(self.document, Notebook) and not self.document.can_become(
            checked.file, outcome.file
        ):
            raise NotDone(NO_TEXT)
        edits: dict[str, tuple[int | None, list[types.TextEdit]]] = {}
        for text, edit in self.document.edits(checked.file, outcome.file):
            edits.setdefault(text.uri, (text.version, []))[1].append(edit)
        if not self.client.takes_versions:
            return types.WorkspaceEdit(changes={uri: made for uri, (_, made) in edits.items()})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(uri, version), made
                )
                for uri, (version, made) in edits.items()
            ]
        )

    def _outcome(self, checked: Checked, way: Way, found: Diagnostic | None) -> Outcome:
        # Only here: LibCST comes with it, and many an editor never asks.
        from modlint.fixing.engine import fix, fix_one
        from modlint.fixing.ignoring import with_suppression

        file, settings = checked.file, checked.settings
        diagnostics = [d for d in checked.diagnostics if d.code not in _comparing()]
        if way is Way.FIX_ALL or found is None:
            wants = self._wants(checked, lambda d: True)
            return fix(file, diagnostics, settings, wants=wants)
        if way is Way.SUPPRESS:
            return with_suppression(file, found, settings)
        if way is Way.FIX:
            return fix_one(file, diagnostics, found, settings)
        is_unsafe = found.fix is not None and found.fix.applicability is Applicability.UNSAFE
        wants = self._wants(checked, lambda d: d.code == found.code)
        return fix(file, diagnostics, settings, unsafe=is_unsafe, wants=wants)

    def _wants(
        self, checked: Checked, also: Callable[[Diagnostic], bool]
    ) -> Callable[[Diagnostic], bool]:
        return lambda d: also(d) and d.fix is not None and self._is_text(checked, d.fix)

    def _can_fix(
        self, checked: Checked, found: Diagnostic, levels: Sequence[Applicability]
    ) -> bool:
        one = found.fix
        return one is not None and one.applicability in levels and self._is_text(checked, one)

    def _is_text(self, checked: Checked, one: Fix) -> bool:
        """Whether edits of text can make what a fix means; asked only of what a notebook is."""
        if not isinstance(self.document, Notebook):
            return True
        try:
            return self.document.can_take(checked.file, one.rewrite())
        except (ValueError, RecursionError):
            return False


def _title(found: Diagnostic, says: str, one: Fix | None = None) -> str:
    """The title of an action about a diagnostic; ``one`` is the fix that it makes, if any."""
    is_unsafe = one is not None and one.applicability is Applicability.UNSAFE
    return f"{SOURCE} ({found.code}{', unsafe' if is_unsafe else ''}): {says}"


@cache
def _comparing() -> tuple[str, ...]:
    """The rules about pairs: no fix mends a pair, and fixes are proven without the other file."""
    return tuple(rule.code for rule in all_rules() if rule.compares_files)


def _up_to(one: Fix) -> list[Applicability]:
    is_safe = one.applicability is Applicability.SAFE
    return [Applicability.SAFE] if is_safe else [Applicability.SAFE, Applicability.UNSAFE]


def _is_wanted(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(kind == o or kind.startswith(f"{o}.") or o == "" for o in only)


def _meet(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end
