"""The report of the reference module beside the review that it was written after.

Each row is typed by hand from the review: what it says, its mark, its lines; then the
words and the lines by which our report says it. Where the lines differ, the review
counts a cell's marker, its closing quotes or the call below a test, and we do not.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from modlint.cli import main
from support import REFERENCE

#: Section of the review, its lines, its mark, and our line: words that it holds, our lines.
FACTS = [
    # 1. NBGrader cell structure
    ("1", "470-496", "", "test_unit_quantize_int8 is not graded", "470–494"),
    ("1", "578-596", "", "test_unit_dequantize_int8 is not graded", "578–594"),
    ("1", "853-890", "", "test_unit_quantized_linear is not graded", "853–888"),
    ("1", "1048-1090", "", "test_unit_quantize_model is not graded", "1048–1088"),
    ("1", "1233-1264", "", "test_unit_compare_model_sizes is not graded", "1233–1262"),
    ("1", "406", "✅", "autograded answer | `quantize-int8`", "406"),
    ("1", "543", "✅", "autograded answer | `dequantize-int8`", "543"),
    ("1", "710", "✅", "autograded answer | `quantized-linear`", "710"),
    ("1", "988", "✅", "autograded answer | `quantize-model`", "988"),
    ("1", "1155", "✅", "autograded answer | `compare-model-sizes`", "1155"),
    ("1", "1492", "✅", "autograder tests | `test-module` | 20", "1491"),
    # 2. Protected test execution
    ("2", "496", "", "test_unit_quantize_int8() runs on import", "496"),
    ("2", "596", "", "test_unit_dequantize_int8() runs on import", "596"),
    ("2", "890", "", "test_unit_quantized_linear() runs on import", "890"),
    ("2", "1090", "", "test_unit_quantize_model() runs on import", "1090"),
    ("2", "1264", "", "test_unit_compare_model_sizes() runs on import", "1264"),
    ("2", "1610", "", "test_module() runs on import", "1610"),
    # 3. Docstrings and educational content
    ("3", "81-140", "✅", "introduction and prerequisites", "82–85"),
    ("3", "162-189", "✅", "ASCII diagrams", "162–174"),
    ("3", "162-189", "✅", "ASCII diagrams", "179–189"),
    ("3", "227-307", "✅", "ASCII diagrams", "229–238"),
    ("3", "227-307", "✅", "ASCII diagrams", "305–307"),
    ("3", "621-646", "✅", "ASCII diagrams", "621–646"),
    ("3", "651-666", "✅", "ASCII diagrams", "651–666"),
    ("3", "219-328", "✅", "Mathematical foundations", "219–328"),
    ("3", "407-438", "✅", "quantize_int8: APPROACH, EXAMPLE, HINT, TODO", "408–438"),
    # 4. Imports and module structure
    ("4", "66-76", "✅", "Proper dependency imports: import numpy as np", "66"),
    ("4", "66-76", "✅", "Proper dependency imports: import numpy as np", "76"),
    ("4", "77", "", "print() runs on import", "77"),
    ("4", "89, 93-139", "", "a demo of 16 statements runs on import", "89–139"),
    ("4", "1482", "", "demo_quantization_with_profiler() runs on import", "1482"),
    ("4", "45-62", "✅", "Package structure explained", "46–62"),
    # 5. Memory profiling and performance benchmarking
    ("5", "1274-1297", "✅", "Memory profiling present", "1274–1295"),
    ("5", "1300-1321", "✅", "analyze_quantization_accuracy()", "1300–1319"),
    ("5", "825-851", "✅", "Memory profiling present", "825–850"),
    ("5", "1420-1482", "✅", "demo_quantization_with_profiler()", "1422–1480"),
    ("5", "1482", "❌", "No demo code executes on import", "1482"),
    # 6. ML systems analysis
    ("6", "1267-1322", "✅", "Performance analysis present", "1268–1270"),
    ("6", "1325-1408", "✅", "Trade-off discussions present", "1341"),
    ("6", "1325-1408", "✅", "Production insights present", "1398–1408"),
    ("6", "1720-1754", "✅", "systems thinking questions present", "1720–1754"),
    ("6", "979-985", "✅", "Real-world context throughout", "979"),
    ("6", "985", "✅", "Real-world context throughout", "985"),
    ("6", "1145", "✅", "Real-world context throughout", "1145–1146"),
    # 7. Test coverage
    ("7", "470-496", "❌", "| `test_unit_quantize_int8` |", "470–494"),
    ("7", "578-596", "❌", "| `test_unit_dequantize_int8` |", "578–594"),
    ("7", "853-890", "❌", "| `test_unit_quantized_linear` |", "853–888"),
    ("7", "1048-1090", "❌", "| `test_unit_quantize_model` |", "1048–1088"),
    ("7", "1233-1264", "❌", "| `test_unit_compare_model_sizes` |", "1233–1262"),
    ("7", "1492-1610", "✅", "| `test_module` |", "1492–1607"),
    ("7", "", "❌", "with and without the calibration", "752"),
    ("7", "", "❌", "a large batch", "989"),
    ("7", "", "❌", "no test mixes precisions", "1361"),
    ("7", "", "⚠️", "no test expects an error", "444"),
    ("7", "", "⚠️", "extreme values", "407"),
    # 8. Production context
    ("8", "193-213", "✅", "Real-world context throughout", "195–196"),
    ("8", "193-213", "✅", "Real-world context throughout", "212–213"),
    ("8", "1134-1147", "✅", "Real-world context throughout", "1138–1139"),
    ("8", "704-707", "✅", "Production insights present", "704–705"),
    # 9. Additional issues
    ("9", "1714-1716", "", "quantize_model(model, calibration_data=None)", "1714–1716"),
    ("9", "", "", "nothing measures the time", "407"),
    # 10. Checklist
    ("10", "1-13", "✅", "Jupytext header present", "1–13"),
    ("10", "", "⚠️", "Cell metadata complete (", "470–494"),
    ("10", "", "✅", "BEGIN/END SOLUTION blocks used correctly", "439–460"),
    ("10", "", "✅", "TODOs and hints outside solution blocks", "408–438"),
    ("10", "", "✅", "Markdown cells properly formatted", "19–43"),
    ("10", "", "❌", "Test code protected by a `__main__` guard (", "1610"),
    ("10", "", "✅", "Progressive implementation", "388"),
    ("10", "", "✅", "Integration test present", "1492–1607"),
    ("10", "", "✅", "Module summary present", "1759–1785"),
    ("10", "", "⚠️", "Main execution block present and complete (", "1482"),
    ("10", "", "✅", "Clear learning objectives", "34–43"),
    ("10", "", "✅", "Immediate testing after implementation", "470–494"),
    ("10", "", "❌", "No test code executes on import (", "496"),
    ("10", "", "❌", "No demo code executes on import (", "89–139"),
    ("10", "", "❌", "No print statement executes on import (", "77"),
]

#: Section 11 of the review: what it puts where, and the lines it gives.
PRIORITIES = [
    ("P1", "IMP001", "496, 596, 890, 1090, 1264, 1610"),
    ("P1", "IMP004", "89–139"),
    ("P1", "IMP003", "1482"),
    ("P2", "NBG001", "470–494, 578–594, 853–888, 1048–1088, 1233–1262"),
    ("P2", "SIG002", "1714–1716"),
    ("P3", "COV006", "752"),
    ("P3", "COV004", "407"),
    ("P3", "COV005", "989"),
    ("P3", "IMP002", "77"),
]

#: The status that the review gives its sections, by the titles of ours. Calls of demos,
#: which it mentions in section 4, stand with those of tests in ours.
STATUS = {
    "NBGrader cell structure": "❌",
    "Protected execution of tests and demos": "❌",
    "Docstrings and educational content": "✅",
    "Imports and module structure": "⚠️",
    "Memory profiling and performance": "✅",
    "ML systems analysis": "✅",
    "Test coverage": "⚠️",
    "Production context and real-world applications": "✅",
}


@pytest.fixture(scope="module")
def report() -> str:
    options = ["--output-format", "markdown"]
    text = CliRunner().invoke(main, ["report", str(REFERENCE), *options]).stdout
    assert isinstance(text, str)
    return text


def has_place(line: str, place: str) -> bool:
    return re.search(rf"(?<![\d–]){place}(?![\d–])", line) is not None


@pytest.mark.parametrize(("section", "lines", "mark", "words", "place"), FACTS)
def test_what_the_review_says_stands_in_the_report(
    report: str, section: str, lines: str, mark: str, words: str, place: str
) -> None:
    found = [
        line
        for line in report.splitlines()
        if words in line and mark in line and has_place(line, place)
    ]
    assert found, f"section {section} of the review, lines {lines}: {mark} {words}"


@pytest.mark.parametrize(("priority", "code", "lines"), PRIORITIES)
def test_the_priorities_are_those_of_the_review(
    report: str, priority: str, code: str, lines: str
) -> None:
    part = report.split(f"### {priority} ")[1].split("\n#")[0]
    entry = next(line for line in part.splitlines() if f"({code})" in line)
    assert lines in entry


def test_the_sections_have_the_status_of_the_review(report: str) -> None:
    found = re.findall(r"^## \d+\. (.*) (\S+)$", report, re.M)
    assert {title: mark for title, mark in found if title in STATUS} == STATUS


def test_the_score_is_the_one_of_the_review(report: str) -> None:
    assert "**Compliance score:** 75/100" in report
    assert "Good, with critical issues that must be fixed" in report


def test_the_fixture_is_the_one_that_the_review_describes() -> None:
    assert "test_unit_quantize_int8()" in Path(REFERENCE).read_text("utf-8").splitlines()[495]
