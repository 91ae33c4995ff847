"""What a course tells nbgrader, read as nbgrader reads it, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbformat import from_dict
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions
from traitlets.config import Config
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from grading import FORMATS, GradedCell, role
from modlint.analysis.module import Module
from modlint.cache import Trace
from modlint.cli import main
from modlint.linting import lint
from modlint.notebook.cell import Cell, CellKind, ModuleFile
from modlint.notebook.grader_config import (
    DEFAULT,
    GraderConfig,
    GraderConfigError,
    Marks,
    grader_config_above,
)
from modlint.notebook.regions import near_miss, release
from modlint.resolving import Resolver
from modlint.settings import Settings, SettingsError

CONFIG = """\
c = get_config()
c.ClearSolutions.begin_solution_delimeter = "#<answer>"
c.ClearSolutions.end_solution_delimeter = "#</" + "answer>"
c.ClearSolutions.code_stub = dict(python="# Write here\\n...", R="stop()")
c.ClearSolutions.text_stub = "*Your text*"
c.ClearSolutions.enforce_metadata = False
c.ClearHiddenTests.begin_test_delimeter = "SECRET ON"
c.ClearHiddenTests.end_test_delimeter = "SECRET OFF"
c.CourseDirectory.source_directory = "master"
"""


def read(folder: Path) -> GraderConfig:
    return grader_config_above(str(folder), Trace())


def loaded(folder: Path) -> Config:
    """The configuration as nbgrader's own loader has it: the file is run."""
    whole = Config()
    if (folder / "nbgrader_config.py").exists():
        whole.merge(PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config())
    if (folder / "nbgrader_config.json").exists():
        whole.merge(JSONFileConfigLoader("nbgrader_config.json", str(folder)).load_config())
    return whole


def test_what_is_read_is_what_nbgrader_loads(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    found, config = read(tmp_path), loaded(tmp_path)
    solutions, hidden = ClearSolutions(config=config), ClearHiddenTests(config=config)
    assert found.marks[:4] == (
        solutions.begin_solution_delimeter,
        solutions.end_solution_delimeter,
        hidden.begin_test_delimeter,
        hidden.end_test_delimeter,
    )
    assert found.marks[4:] == Marks()[4:]
    assert found.code_stub == solutions.code_stub["python"]
    assert found.text_stub == solutions.text_stub
    assert found.tolerates == {"ClearSolutions"}
    assert not solutions.enforce_metadata
    assert found.folders.source == "master"
    assert found.path == str(tmp_path)


def test_the_json_wins_over_the_python_file(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    named = {"ClearSolutions": {"text_stub": "from JSON"}}
    (tmp_path / "nbgrader_config.json").write_text(json.dumps(named))
    found = read(tmp_path)
    assert found.text_stub == ClearSolutions(config=loaded(tmp_path)).text_stub == "from JSON"
    assert found.marks.begin_solution == "#<answer>"


@pytest.mark.parametrize(
    "line",
    [
        "c.ClearSolutions.text_stub = os.environ['STUB']",
        "if True:\n    c.ClearSolutions.text_stub = 'maybe'",
        "c.ClearSolutions.text_stub = STUB",
        "c.ClearSolutions.text_stub = f'{1}'",
        "c.ClearSolutions.text_stub = 3",
        "c.ClearSolutions.text_stub = ''",
        "c.ClearSolutions.text_stub = 'known'\nc.ClearSolutions.text_stub = later()",
        "d.ClearSolutions.text_stub = 'other'",
        "import something_that_is_not_there",
        "raise SystemExit",
    ],
)
def test_what_is_not_written_down_is_unknown_and_nothing_runs(tmp_path: Path, line: str) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n")
    assert read(tmp_path).text_stub == DEFAULT.text_stub


@pytest.mark.parametrize(
    ("line", "skips"),
    [
        ("c.ClearSolutions.enabled = False", {"ClearSolutions"}),
        ("c.GenerateAssignment.preprocessors = [ClearSolutions, ClearOutput]",
         {"InstantiateTests", "ClearHiddenTests", "ClearMarkScheme"}),
        ("c.GenerateAssignment.preprocessors = ['nbgrader.preprocessors.ClearHiddenTests']",
         {"InstantiateTests", "ClearSolutions", "ClearMarkScheme"}),
        ("c.GenerateAssignment.preprocessors = steps()", set()),
    ],
)  # fmt: skip
def test_steps_that_do_not_run(tmp_path: Path, line: str, skips: set[str]) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n")
    assert read(tmp_path).skips == skips


def test_the_nearest_folder_counts_and_every_path_is_noted(tmp_path: Path) -> None:
    inner = tmp_path / "source" / "week1"
    inner.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    trace = Trace()
    assert grader_config_above(str(inner), trace).path == str(tmp_path)
    for folder in (inner, inner.parent, tmp_path):
        assert {str(folder / f"nbgrader_config.{e}") for e in ("py", "json")} <= set(trace.seen)
    assert str(inner / "autotests.yml") in trace.seen
    assert str(tmp_path.parent / "nbgrader_config.py") not in trace.seen


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("nbgrader_config.py", "c = (\n", "cannot be read: '(' was never closed"),
        ("nbgrader_config.py", "\0", "cannot be read: "),
        ("nbgrader_config.json", "{", "cannot be read: Expecting property name"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(
    tmp_path: Path, name: str, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(GraderConfigError, match="cannot be read") as caught:
        read(tmp_path)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)
    with pytest.raises(SettingsError, match=f"{name}.*cannot be read"):
        Resolver().of(str(tmp_path / "a.py"))
    (tmp_path / "a.py").write_text("# %%\nx = 1\n")
    with pytest.raises(SystemExit, match="2"):
        main(["check", str(tmp_path)])
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_the_resolver_joins_it_with_the_settings(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    (tmp_path / "modlint.toml").write_text("staging = true\n")
    resolver = Resolver()
    one, other = (resolver.of(str(tmp_path / name)) for name in ("a.py", "b.py"))
    assert one is other
    assert one.grader.marks.begin_solution == "#<answer>"
    assert one.grader.is_staged
    assert not Settings().grader.is_staged
    assert "#<answer>" in repr(one)  # what is cached under other settings is not found


# --- the release goes by it --------------------------------------------------------------------

TEXTS = [
    "def f():\n    #<answer>\n    return 1\n    #</answer>\n",
    "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n",
    "#<answer>\nx = 1\n#</answer>\ny = 2\n# SECRET ON\nz = 3\n# SECRET OFF\n",
    "#<answer>\nx = 1\n",
    "x = 1\n",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("flags", [{"solution": True}, {}, {"grade": True, "points": 1}])
def test_a_release_is_that_of_nbgrader_with_this_configuration(
    tmp_path: Path, text: str, flags: dict[str, Any]
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    metadata = {"nbgrader": role(**flags)}
    config = loaded(tmp_path)
    cell = from_dict(  # type: ignore[no-untyped-call]
        {"cell_type": "code", "metadata": metadata, "source": text}
    )
    released = release(Cell(CellKind.CODE, text, 1, metadata=metadata, origin=0), read(tmp_path))
    refusal = ""
    try:
        for step in (ClearSolutions(config=config), ClearHiddenTests(config=config)):
            cell, _ = step.preprocess_cell(cell, {"language": "python"}, 0)
    except RuntimeError as error:
        refusal = str(error)
    if refusal:
        assert released.refusal
        assert refusal.startswith(released.refusal)
    else:
        assert released == (cell.source, released.is_wiped, None)


def found(file: ModuleFile, code: str, grader: GraderConfig) -> list[str]:
    settings = Settings(grader_config=grader)
    return [d.message for d in lint(file, settings) if d.code == code]


ANSWER: GradedCell = ("code", role(solution=True), "#<answer>\nx = 1\n#</answer>\n")


@pytest.mark.parametrize("form", FORMATS)
def test_rules_read_the_delimiters_of_the_course(
    tmp_path: Path, form: Callable[[list[GradedCell]], ModuleFile]
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    grader = read(tmp_path)
    assert found(form([ANSWER]), "NBG006", grader) == []
    assert found(form([ANSWER]), "NBG006", DEFAULT) != []
    usual: GradedCell = ("code", role(solution=True), "# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n")
    misspelt = found(form([usual]), "NBG007", grader)
    assert len(misspelt) == 2
    assert "`# BEGIN SOLUTION` is no delimiter" in misspelt[0]
    open_one: GradedCell = ("code", role(solution=True), "#<answer>\nx = 1\n")
    (message,) = found(form([open_one]), "NBG007", grader)
    assert message.startswith("#<answer> without `#</answer>`: nbgrader refuses the module")
    plain: GradedCell = ("markdown", role(grade_id="u"), "#<answer>\nA text.\n#</answer>")
    assert found(form([plain]), "NBG008", grader) == []  # enforce_metadata is False


def test_a_near_miss_of_a_delimiter_of_the_course(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    grader = read(tmp_path)
    miss = near_miss("    # <answer>", grader)
    assert miss is not None
    assert miss.mended == "    #<answer>"
    assert miss.begins
    miss = near_miss("  # begin solution", grader)
    assert miss is not None
    assert miss.mended == "  #<answer>"
    assert near_miss("#<answer>", grader) is None
    assert near_miss("# the answer", grader) is None


def test_a_region_that_is_put_round_an_answer_has_the_delimiters_of_the_course(
    tmp_path: Path,
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    (tmp_path / "a.py").write_text(
        '# %% nbgrader={"grade": false, "grade_id": "f", "locked": false, "schema_version": 3, '
        '"solution": true}\n#| export\ndef twice(n: int) -> int:\n    """TODO: double it."""\n'
        "    return n + n\n"
    )
    with pytest.raises(SystemExit):
        main(["fix", str(tmp_path), "--select", "NBG006", "--unsafe-fixes", "--apply"])
    assert "    #<answer>\n    return n + n\n    #</answer>\n" in (tmp_path / "a.py").read_text()


# --- tests that nbgrader writes itself ---------------------------------------------------------

AUTOTESTS = "### AUTOTEST twice(2)\n### HASHED AUTOTEST twice(3)\n"


@pytest.mark.parametrize("beside", [True, False], ids=["beside the module", "in the course"])
def test_autotests_are_valid_where_their_file_is(tmp_path: Path, beside: bool) -> None:
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    (tmp_path / "nbgrader_config.py").write_text("")
    assert read(folder).autotests == ""
    (folder if beside else tmp_path).joinpath("autotests.yml").write_text("python3: {}\n")
    grader = read(folder)
    assert grader.autotests
    for form in FORMATS:
        graded = form([("code", role(grade=True, points=1), AUTOTESTS)])
        assert found(graded, "NBG008", grader) == []
        assert len(found(graded, "NBG008", DEFAULT)) == 2
        (message, _) = found(form([("code", role(), AUTOTESTS)]), "NBG008", grader)
        assert message == "AUTOTEST outside a graded cell: nbgrader refuses the module"
        assert found(form([("code", role(), 'x = "AUTOTEST"\n')]), "NBG008", grader) == []


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("c.InstantiateTests.autotest_delimiter = 'TESTGEN'", 0),
        ("c.GenerateAssignment.preprocessors = [ClearSolutions]", 0),
        ("c.InstantiateTests.enabled = False", 0),
        ("c.InstantiateTests.autotest_filename = 'tests.yml'", 2),
        ("", 2),
    ],
)
def test_the_word_and_the_file_of_autotests_can_be_others(
    tmp_path: Path, line: str, count: int
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n")
    messages = found(
        FORMATS[0]([("code", role(grade=True, points=1), AUTOTESTS)]), "NBG008", read(tmp_path)
    )
    assert len(messages) == count


# --- a course with a step of its own before nbgrader -------------------------------------------

STAGED = Settings(staging=True)
EXERCISE = {"grade": False, "grade_id": "twice", "solution": True}
TEST = {"grade": True, "grade_id": "test-twice", "locked": True, "points": 5}
GIVEN = {"grade": False, "grade_id": "setup", "solution": False}


def short(*more: GradedCell) -> list[GradedCell]:
    """A module with metadata in three short shapes, and ``more``."""
    return [
        ("code", GIVEN, "#| default_exp core\n"),
        ("code", {**EXERCISE, "grade_id": "imports"}, "#| export\nimport math\n"),
        ("code", EXERCISE, "def twice(n):\n    ### BEGIN SOLUTION\n    return n + n\n"
         "    ### END SOLUTION\n"),
        ("code", TEST, "assert twice(2) == 4\n"),
        *more,
    ]  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_what_a_staged_course_completes_itself_is_no_problem(
    form: Callable[[list[GradedCell]], ModuleFile],
) -> None:
    def codes(settings: Settings) -> set[str]:
        mine = [d for d in lint(form(short()), settings) if d.code.startswith(("NBG", "EXP002"))]
        return {d.code for d in mine}

    assert codes(STAGED) == set()
    assert {"NBG002", "NBG006", "NBG015"} <= codes(Settings())


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (("code", {"grade": True, "locked": True, "points": 5}, "assert 1 == 1\n"), "NBG002"),
        (("code", {**TEST, "grade_id": "b", "points": "five"}, "assert 1 == 1\n"), "NBG003"),
        (("code", EXERCISE, "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n"), "NBG004"),
        (("code", {"grade": True, "grade_id": "b", "locked": True}, "assert 1 == 1\n"), "NBG005"),
        (("code", {**EXERCISE, "grade_id": "b"}, "### BEGIN SOLUTION\nx = 1\n"), "NBG007"),
        (("code", GIVEN, "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n"), "NBG008"),
    ],
)
def test_what_staging_does_not_mend_is_still_reported(
    form: Callable[[list[GradedCell]], ModuleFile], cell: GradedCell, code: str
) -> None:
    assert [d.code for d in lint(form(short(cell)), STAGED) if d.code == code] == [code]


ROLES = (
    "def keep(n):\n"
    '    """Twice, and one more."""\n'
    '    ### BEGIN SOLUTION role="scaffold"\n'
    "    total = n + n\n"
    "    ### END SOLUTION\n"
    "    ### BEGIN SOLUTION\n"
    "    return total + 1\n"
    "    ### END SOLUTION\n"
    '    ### BEGIN SOLUTION role="instructor"\n'
    "    print('for the course alone')\n"
    "    ### END SOLUTION\n"
)


def test_roles_of_regions_decide_what_students_receive() -> None:
    metadata = {"nbgrader": role(solution=True)}
    cell = Cell(CellKind.CODE, ROLES, 1, metadata=metadata, origin=0)
    assert [line for line in release(cell, STAGED.grader).source.splitlines() if line.strip()] == [
        "def keep(n):",
        '    """Twice, and one more."""',
        "    total = n + n",
        "    # YOUR CODE HERE",
        "    raise NotImplementedError()",
    ]
    assert release(cell).source.count("raise NotImplementedError()") == 3  # nbgrader knows none


def test_rules_know_the_roles() -> None:
    from modlint.analysis.solutions import solutions_of

    scaffold = (
        'def given(n):\n    ### BEGIN SOLUTION role="challenge"\n    # HINT: halve it\n'
        "    return n / 2\n    ### END SOLUTION\n"
    )
    file = FORMATS[0](
        short(
            ("code", {**EXERCISE, "grade_id": "b"}, scaffold),
            ("code", {**EXERCISE, "grade_id": "c"}, ROLES),
        )
    )
    assert [d.code for d in lint(file, STAGED) if d.code in ("NBG009", "NBG014")] == []
    names = [solution.name for solution in solutions_of(Module(file, STAGED))]
    assert names == ["twice", "keep"]
