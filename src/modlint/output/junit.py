"""JUnit's XML: a suite a file, a failed test case a finding; a clean file is one that passed.

The format is that of the schema ``junit-10.xsd`` of the xUnit plugin of Jenkins.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from modlint.discovery import Failure
from modlint.output.results import Results, failed, told
from modlint.output.text import position, printable
from modlint.reports import Report

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(results: Results) -> str:
    """The document; in characters of ASCII alone, whatever the encoding that it is written in."""
    counts = [len(report.findings) or 1 for report in results.reports]
    root = Element(
        "testsuites",
        name="modlint",
        tests=str(sum(counts) + len(results.failures)),
        failures=str(sum(len(report.findings) for report in results.reports)),
        errors=str(len(results.failures)),
    )
    for report in results.reports:
        _add_report(root, report)
    for failure in results.failures:
        _add_failure(root, failure)
    indent(root)
    body: bytes = tostring(root, encoding="us-ascii", xml_declaration=False)
    return _HEAD + body.decode("ascii")


def _suite(root: Element, path: str, tests: int, failures: int, errors: int) -> Element:
    return SubElement(
        root,
        "testsuite",
        name=printable(path),
        file=printable(path),
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
    )


def _add_report(root: Element, report: Report) -> None:
    count = len(report.findings)
    suite = _suite(root, report.path, count or 1, count, 0)
    name = printable(report.path)
    if not count:
        SubElement(suite, "testcase", name="modlint", classname=name)
    for finding, place in report.placed:
        where = position(finding, report.counts_in_cells)
        case = SubElement(suite, "testcase", name=f"{finding.code} {where}", classname=name)
        message = told(report, finding)
        failure = SubElement(case, "failure", type=str(finding.severity), message=message)
        line = f"{name}:{place.start.row}:{place.start.column}"
        failure.text = f"{line}: {finding.code} ({finding.name}) {message}"


def _add_failure(root: Element, failure: Failure) -> None:
    suite = _suite(root, failure.path, 1, 0, 1)
    name = printable(failure.path)
    case = SubElement(suite, "testcase", name="modlint", classname=name)
    error = SubElement(case, "error", type="unchecked", message=failed(failure))
    error.text = f"{name}:{failure.row or 1}: {failed(failure)}"
