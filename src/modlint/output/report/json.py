"""The report as JSON; ``report.schema.json`` beside this file is its contract."""

from __future__ import annotations

import json
from typing import Any

from modlint import __version__
from modlint.diagnostics import Diagnostic, Position
from modlint.notebook.cell import ModuleFile
from modlint.output.report.comparison import Comparison
from modlint.output.report.contents import Report, Reviewed
from modlint.review.model import Group, Issue, Item, TestSummary, Way
from modlint.rules.evidence import Evidence

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """The report as JSON text."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as what JSON can say."""
    return {
        "schema_version": SCHEMA_VERSION,
        "modlint_version": __version__,
        "codes": list(report.codes),
        "points": report.points,
        "modules": [_module(module) for module in report.modules],
        "failures": [
            {"path": f.path, "message": f.message, "row": f.row, "cell": f.cell}
            for f in report.failures
        ],
        "comparison": _comparison(report.comparison) if report.comparison else None,
    }


def _module(module: Reviewed) -> dict[str, Any]:
    review, file = module.review, module.file
    return {
        "path": review.path,
        "title": review.title,
        "score": review.score,
        "assessment": module.assessment,
        "points": review.points,
        "errors": module.errors,
        "blockers": list(dict.fromkeys(issue.code for issue in review.critical)),
        "solutions": list(review.solutions),
        "strengths": [
            {"title": s.title, "evidence": [_evidence(file, e) for e in s.evidence]}
            for s in review.strengths
        ],
        "sections": [
            {
                "title": section.title,
                "mark": section.mark.name.lower(),
                "items": [item.key for item in section.items],
                "codes": list(dict.fromkeys(issue.code for issue in section.issues)),
            }
            for section in module.sections
        ],
        "checklist": [_item(file, item) for group in Group for item in review.group(group)],
        "cells": [
            {
                "place": _evidence(file, cell.place),
                "role": str(cell.role),
                "grade_id": cell.grade_id,
                "points": cell.points,
            }
            for cell in review.cells
        ],
        "tests": [_test(file, test) for test in review.tests],
        "gaps": [
            {"mark": gap.mark.name.lower(), "problem": _problem(file, gap.diagnostic)}
            for gap in review.gaps
        ],
        "priorities": [_issue(issue) for issue in review.issues],
        "problems": [_problem(file, diagnostic) for diagnostic in review.diagnostics],
    }


def _item(file: ModuleFile, item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "title": item.title,
        "group": str(item.group),
        "mark": item.mark.name.lower(),
        "weight": item.weight,
        "earned": float(item.weight * item.mark.credit),
        "codes": list(item.codes),
        "evidence": [_evidence(file, evidence) for evidence in item.evidence],
        "against": [_problem(file, diagnostic) for diagnostic in item.against],
    }


def _test(file: ModuleFile, test: TestSummary) -> dict[str, Any]:
    return {
        "name": test.name,
        "place": _evidence(file, test.place),
        "graded": test.is_graded,
        "points": test.points,
        "covers": list(test.covers),
    }


def _issue(issue: Issue) -> dict[str, Any]:
    return {
        "priority": issue.priority.name,
        "code": issue.code,
        "name": issue.name,
        "title": issue.title,
        "severity": str(issue.severity),
        "count": len(issue.diagnostics),
        "fixed_by": None if issue.way is Way.BY_HAND else issue.way.value,
    }


def _problem(file: ModuleFile, diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "fix": str(diagnostic.fix.applicability) if diagnostic.fix else None,
        **_span(file, diagnostic),
    }


def _evidence(file: ModuleFile, evidence: Evidence) -> dict[str, Any]:
    return {"what": evidence.what, **_span(file, evidence)}


def _span(file: ModuleFile, thing: Evidence | Diagnostic) -> dict[str, Any]:
    return {
        "cell": thing.cell + 1 if file.is_notebook else None,
        "location": _position(thing.start),
        "end_location": _position(thing.end),
    }


def _position(position: Position) -> dict[str, int]:
    return {"row": position.row, "column": position.column}


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "mended": comparison.mended,
        "new": comparison.new,
        "not_compared": list(comparison.not_compared),
        "modules": [
            {
                "path": change.path,
                "old_score": change.old_score,
                "new_score": change.new_score,
                "mended": list(change.mended),
                "new": list(change.new),
                "marks": [{"title": m.title, "old": m.old, "new": m.new} for m in change.marks],
            }
            for change in comparison.modules
        ],
    }
