"""``modlint report``: formats, options, comparison, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

from modlint.output.report.comparison import schema
from notebook_files import notebook_of, written
from support import REFERENCE, ROOT, Run

FAULTY = '# %%\ndef test_x():\n    pass\n\ntest_x()\nprint("hi")\n'
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# A lesson\n"]},
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "b",
            "metadata": {
                "nbgrader": {
                    "grade": True,
                    "grade_id": "t",
                    "locked": True,
                    "points": 2.5,
                    "schema_version": 3,
                    "solution": False,
                }
            },
            "outputs": [],
            "source": ["def test_y():\n", "    assert 1\n", "\n", "test_y()"],
        },
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "p"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.py"
    path.write_text(FAULTY)
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "lesson.ipynb"
    path.write_text(json.dumps(NOTEBOOK, indent=1) + "\n")
    return path


def as_json(modlint: Run, *arguments: str | Path) -> dict[str, Any]:
    result = modlint("report", *arguments, "--output-format", "json")
    assert result.exit_code == 0, result.output
    loaded: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(loaded, schema())
    return loaded


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_json_says_what_the_review_says(modlint: Run) -> None:
    report = as_json(modlint, REFERENCE)
    (module,) = report["modules"]
    assert (module["score"], module["points"], report["points"]) == (75, 20, 20)
    assert module["title"].startswith("Module 16: Quantization")
    assert [test["name"] for test in module["tests"] if test["graded"]] == ["test_module"]
    assert len(module["solutions"]) == 9
    assert module["blockers"][:3] == ["IMP001", "IMP003", "IMP004"]
    first = module["priorities"][0]
    assert (first["priority"], first["code"], first["fixed_by"]) == (
        "P1",
        "IMP001",
        "modlint fix --apply",
    )
    assert sum(issue["count"] for issue in module["priorities"]) == len(module["problems"])
    assert sum(item["earned"] for item in module["checklist"]) == 21


@pytest.mark.parametrize(
    ("text", "options", "assessment"),
    [
        ("test_x()\n", ["--select", "IMP"], "Fair, with critical issues that must be fixed"),
        (
            '# %% nbgrader={"grade_id": "a"}\nX = 1\n',
            ["--select", "IMP,NBG002"],
            "Good, with errors to fix before export",
        ),
        ("print(1)\n", ["--select", "IMP"], "Good, nothing blocks the export"),
        ("X = 1\n", ["--select", "IMP"], "Excellent, nothing to fix"),
    ],
)
def test_the_assessment(modlint: Run, text: str, options: list[str], assessment: str) -> None:
    text = "# %%\ndef test_x():\n    pass\n\n" + text
    shown = modlint("report", "-", *options, "--output-format", "json", stdin=text).stdout
    assert json.loads(shown)["modules"][0]["assessment"] == assessment


def test_each_problem_stands_in_one_section(modlint: Run) -> None:
    (module,) = as_json(modlint, REFERENCE)["modules"]
    codes = [code for section in module["sections"] for code in section["codes"]]
    assert sorted(codes) == sorted({problem["code"] for problem in module["problems"]})
    items = [key for section in module["sections"] for key in section["items"]]
    assert sorted(items) == sorted(item["key"] for item in module["checklist"])


def test_a_notebook_gives_places_in_cells(modlint: Run, notebook: Path) -> None:
    (module,) = as_json(modlint, notebook)["modules"]
    (call,) = [p for p in module["problems"] if p["code"] == "IMP001"]
    assert (call["cell"], call["location"]["row"], module["points"]) == (2, 4, 2.5)
    for output_format in ("terminal", "markdown", "html"):
        shown = modlint("report", notebook, "--output-format", output_format).stdout
        assert "cell 2, line 4" in shown
        assert "2.5" in shown


def test_several_modules_have_an_overview_with_the_sum(
    modlint: Run, faulty: Path, notebook: Path
) -> None:
    markdown = modlint("report", REFERENCE, faulty, notebook, "--output-format", "markdown").stdout
    assert "# Course overview" in markdown
    assert "**Total points:** 22.5 in 3 modules" in markdown
    row = next(line for line in markdown.splitlines() if line.startswith(f"| {REFERENCE} |"))
    assert row.split(" | ")[1:6] == ["75", "6", "20", "9", "26"]
    assert "IMP001 ×6" in row
    assert markdown.count("<details>") == markdown.count("</details>") == 3
    terminal = modlint("report", faulty, notebook).stdout
    assert "Total: 2.5 points in 2 modules" in terminal


def test_explain_score_lists_what_each_item_gave(modlint: Run) -> None:
    for output_format in ("terminal", "markdown", "html"):
        options = ["--output-format", output_format, "--explain-score"]
        shown = modlint("report", REFERENCE, *options).stdout
        assert shown.count("+0 of 2") == 2
        assert shown.count("+0.5 of 1") == 2
        assert "21 of 28 → 75/100" in shown
        assert " of 28" not in modlint("report", REFERENCE, *options[:2]).stdout


def test_a_file_is_written_whole_and_stdout_stays_empty(
    modlint: Run, faulty: Path, tmp_path: Path
) -> None:
    target = tmp_path / "report.md"
    target.write_text("old")
    target.chmod(0o640)
    options = ["--output-format", "markdown", "--output-file", str(target)]
    result = modlint("report", faulty, *options)
    assert (result.exit_code, result.output) == (0, "")
    assert target.read_text("utf-8").startswith("# ")
    assert target.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"faulty.py", "report.md"}


def test_a_report_never_takes_the_place_of_a_module(modlint: Run, faulty: Path) -> None:
    result = modlint("report", faulty, "--output-file", faulty)
    assert result.exit_code == 2
    assert "is the name of a module" in " ".join(result.stderr.split())
    assert faulty.read_text() == FAULTY


def test_a_folder_that_is_not_there_is_a_failure(modlint: Run, faulty: Path) -> None:
    result = modlint("report", faulty, "--output-file", "no/such/report.md")
    assert result.exit_code == 2
    assert "cannot be written: no such file" in result.stderr


def test_what_cannot_be_reviewed_is_in_the_report(
    modlint: Run, faulty: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.ipynb").write_text("{")
    for output_format in ("terminal", "markdown", "html", "json"):
        options = ["--output-format", output_format]
        result = modlint("report", faulty, "broken.ipynb", *options)
        assert result.exit_code == 2
        assert "broken.ipynb" in result.stdout
        assert "broken.ipynb" in result.stderr
    failure = json.loads(result.stdout)["failures"][0]
    assert failure["path"] == "broken.ipynb"


def test_fail_under(modlint: Run) -> None:
    assert modlint("report", REFERENCE, "--fail-under", "75").exit_code == 0
    result = modlint("report", REFERENCE, "--fail-under", "76")
    assert result.exit_code == 1
    assert "scores 75, less than 76" in result.stderr


def test_selection_narrows_the_checklist(modlint: Run) -> None:
    (module,) = as_json(modlint, REFERENCE, "--select", "IMP")["modules"]
    assert {item["key"] for item in module["checklist"]} == {
        "test-guard",
        "silent-tests",
        "silent-demos",
        "silent-prints",
    }
    assert {problem["code"][:3] for problem in module["problems"]} == {"IMP"}
    assert module["score"] == 0
    (module,) = as_json(modlint, REFERENCE, "--ignore", "IMP")["modules"]
    assert "IMP001" not in {problem["code"] for problem in module["problems"]}


def test_rules_beside_the_checklist_are_no_review(modlint: Run) -> None:
    result = modlint("report", REFERENCE, "--select", "SIG")
    assert result.exit_code == 2
    assert "no item of the checklist" in result.stderr


def test_compare_shows_what_was_mended_and_what_came_new(modlint: Run, reference: Path) -> None:
    modlint("report", reference, "--output-format", "json", "--output-file", "old.json")
    modlint("fix", "--apply", reference)
    more = "\n# %%\ndef demo_more() -> None:\n    print(1)\n\ndemo_more()\n"
    reference.write_text(reference.read_text("utf-8") + more, "utf-8")
    comparison = as_json(modlint, reference, "--compare", "old.json")["comparison"]
    (change,) = comparison["modules"]
    assert (comparison["mended"], comparison["new"]) == (23, 1)
    assert [problem["code"] for problem in change["new"]] == ["IMP003"]
    codes = [problem["code"] for problem in change["mended"]]
    assert {code: codes.count(code) for code in set(codes)} == {
        "IMP001": 6,
        "IMP002": 1,
        "IMP003": 3,
        "IMP004": 1,
        "NBG001": 5,
        "NBG002": 6,
        "SIG003": 1,
    }
    assert change["old_score"] == 75
    assert {
        "title": "No print statement executes on import",
        "old": "unmet",
        "new": "met",
    } in change["marks"]
    for output_format in ("terminal", "markdown", "html"):
        options = ["--output-format", output_format, "--compare", "old.json"]
        assert "23 problems mended" in modlint("report", reference, *options).stdout


def test_compare_of_the_same_says_that_nothing_changed(modlint: Run, faulty: Path) -> None:
    modlint("report", faulty, "--output-format", "json", "--output-file", "old.json")
    faulty.write_text("# %%\nX = 1\n\n" + FAULTY)  # every line moves
    options = ["--output-format", "markdown", "--compare", "old.json"]
    assert "Nothing changed." in modlint("report", faulty, *options).stdout


def test_compare_shows_whole_only_the_modules_that_changed(modlint: Run, tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(FAULTY)
    modlint("report", "--output-format", "json", "--output-file", "old.json")
    (tmp_path / "b.py").write_text("# %%\nX = 1\n")
    options = ["--output-format", "markdown", "--compare", "old.json"]
    shown = modlint("report", *options).stdout
    assert shown.count("<details>") == 1
    assert "<summary><b>b.py: " in shown
    assert "| a.py | " in shown


def test_compare_leaves_out_rules_that_one_report_lacks(modlint: Run, faulty: Path) -> None:
    options = ["--output-format", "json", "--output-file", "old.json"]
    modlint("report", faulty, *options, "--ignore", "IMP001,IMP002")
    comparison = as_json(modlint, faulty, "--compare", "old.json")["comparison"]
    assert comparison["not_compared"] == ["IMP001", "IMP002"]
    assert comparison["modules"][0]["new"] == []


def test_compare_names_modules_that_came_and_went(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(FAULTY)
    modlint("report", "a.py", "--output-format", "json", "--output-file", "old.json")
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    shown = modlint("report", "b.py", "--output-format", "markdown", "--compare", "old.json").stdout
    assert "### a.py: was" in shown
    assert "not in the older report" in shown


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": 2}', "null", "[" * 100_000])
def test_compare_wants_a_report(modlint: Run, faulty: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "old.json").write_text(text)
    result = modlint("report", faulty, "--compare", "old.json")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: old.json: is ")
    assert result.stdout == ""


def test_a_pair_is_compared_as_in_check(modlint: Run, faulty: Path, notebook: Path) -> None:
    stale = notebook.rename(notebook.with_name("faulty.ipynb"))
    for paths, expected in (([faulty], [True]), ([faulty, stale], [False, True])):
        modules = as_json(modlint, *paths)["modules"]
        codes = [{problem["code"] for problem in module["problems"]} for module in modules]
        assert ["MET002" in found for found in codes] == expected
    options = ["--stdin-filename", "faulty.py", "--output-format", "json"]
    (alone,) = json.loads(modlint("report", "-", *options, stdin=FAULTY).stdout)["modules"]
    assert "MET002" not in {problem["code"] for problem in alone["problems"]}


def test_standard_input_is_reviewed_under_its_name(modlint: Run) -> None:
    result = modlint("report", "-", "--stdin-filename", "m.py", stdin=FAULTY)
    assert result.exit_code == 0
    assert "m.py" in result.stdout


class Tags(HTMLParser):
    """The tags and the text of rendered Markdown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_markdown_shows_hostile_text_and_does_nothing_with_it(modlint: Run, tmp_path: Path) -> None:
    title = "Hi @everyone #1 <script> [x](http://y) | *b* &lt; `__c__` $d$"
    name = "a|b`c<i>@team.py"
    (tmp_path / name).write_text(
        f'# %% [markdown]\n"""\n# {title}\n"""\n\n'
        '# %% nbgrader={"grade": true, "grade_id": "x|<b>`", "points": 1}\n'
        "def test_x():\n    pass\n"
    )
    (tmp_path / "b.py").write_text(FAULTY)
    for paths in ([name], [name, "b.py"]):
        markdown = modlint("report", *paths, "--output-format", "markdown").stdout
        rendered = Tags(MarkdownIt("commonmark").enable("table").render(markdown))
        assert rendered.tags.isdisjoint({"script", "a", "i", "em"})
        assert title in rendered.text
        assert name in rendered.text
        assert "x|<b>`" in rendered.text
        # What GitHub would take for people and numbers stands apart from its sign.
        assert "@everyone" not in markdown
        assert "#1" not in markdown


def test_the_terminal_is_not_steered(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.py").write_text(
        '# %% [markdown]\n"""\n# \x1b[2Jgone [red]x[/red]\n"""\n'
    )
    shown = modlint("report", "a\x1b[31m.py").stdout
    assert "\x1b" not in shown
    assert "[red]x[/red]" in shown


def test_colour_only_where_it_is_wanted(
    modlint: Run, faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[" not in modlint("report", faulty).stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in modlint("report", faulty).stdout
    modlint("report", faulty, "--output-file", "r.txt")
    assert "\x1b[" not in (faulty.parent / "r.txt").read_text("utf-8")


def test_a_report_changes_nothing_and_runs_nothing(modlint: Run, tmp_path: Path) -> None:
    canary = tmp_path / "sung"
    text = f"# %%\nopen({str(canary)!r}, 'w').close()\n"
    (tmp_path / "bird.py").write_text(text)
    assert modlint("report", "bird.py").exit_code == 0
    assert not canary.exists()
    assert (tmp_path / "bird.py").read_text() == text


def test_check_imports_nothing_of_the_report() -> None:
    probe = (
        "import sys\nfrom modlint.cli import main\n"
        "try:\n    main(['check', '-'])\nexcept SystemExit:\n    pass\n"
        "homes = ('modlint.output.report', 'modlint.review', 'rich', 'jsonschema')\n"
        "print(*sorted(m for m in sys.modules if m.startswith(homes)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe],
        input="# %%\nX = 1\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stderr.split() == []


def test_a_module_and_its_notebook_count_once(modlint: Run, tmp_path: Path) -> None:
    test = (
        '# %% nbgrader={"grade": true, "grade_id": "t", "locked": true, "points": 5, '
        '"schema_version": 3, "solution": false}\nassert True\n'
    )
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "m.py").write_text(test)
    (tmp_path / "a" / "m.ipynb").write_text(written(notebook_of(test), "nbformat"))
    document = json.loads(modlint("report", "--output-format", "json", ".").stdout)
    assert (len(document["modules"]), document["points"]) == (3, 10)
    assert "**Total points:** 10 in 2 modules" in modlint(
        "report", "--output-format", "markdown", "."
    ).stdout  # fmt: skip


def test_what_is_not_looked_at_is_not_mended(modlint: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.py").write_text("# %%\nprint('hi')\n")
    old = modlint("report", "--output-format", "json", ".").stdout
    (tmp_path / "old.json").write_text(old)
    some = modlint("report", "--output-format", "json", "--compare", "old.json", "a.py")
    changes = json.loads(some.stdout)["comparison"]
    assert (changes["mended"], changes["new"], some.stderr) == (0, 0, "")
    (tmp_path / "c.py").write_text("# %%\nX = 1\n")
    other = modlint("report", "--compare", "old.json", "c.py")
    assert "warning: old.json has none of these modules: paths must be alike" in other.stderr


def test_an_item_of_which_there_is_nothing_says_so(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nX = 1\n")
    shown = modlint("report", "--output-format", "markdown", "m.py").stdout
    assert "TODOs and hints outside solution blocks (none found)" in shown
