"""Settings: defaults of a TinyTorch course, the nearest file, points, selection."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import make_settings_docs as docs
from modlint.resolving import Resolver
from modlint.rules import all_rules
from modlint.settings import Origin, Settings, SettingsError, find_settings, keys, says
from support import ROOT, Run


def test_an_empty_table_is_a_tinytorch_course() -> None:
    settings = Settings()
    assert settings.is_first_party("tinytorch.core.tensor")
    assert settings.is_first_party("tensor_dev")
    assert settings.is_first_party(".tensor")
    assert not settings.is_first_party("numpy")
    assert settings.is_test_name("test_unit_relu")
    assert (settings.points_of("test_unit_relu"), settings.points_of("test_module")) == (5, 20)


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.modlint]\nselect = ['IMP']\n")
    assert find_settings(inner).select == ("IMP",)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'no modlint table'\n")
    assert find_settings(inner).select == ("IMP",)
    (tmp_path / "a" / "modlint.toml").write_text("select = ['NBG']\npoints = {'*' = 2.5}\n")
    found = find_settings(inner)
    assert (found.select, found.points_of("test_x")) == (("NBG",), 2.5)


@pytest.mark.parametrize(
    ("select", "ignore", "code", "enabled"),
    [
        ((), (), "IMP001", True),
        (("IMP",), (), "IMP001", True),
        (("IMP",), (), "NBG001", False),
        ((), ("IMP",), "IMP001", False),
        (("IMP001",), ("IMP",), "IMP001", True),
        (("IMP",), ("IMP001",), "IMP001", False),
        (("IMP",), ("IMP",), "IMP001", False),
    ],
)
def test_the_longest_prefix_decides(
    select: tuple[str, ...], ignore: tuple[str, ...], code: str, enabled: bool
) -> None:
    assert Settings(select=select, ignore=ignore).is_enabled(code) is enabled


@pytest.mark.parametrize(
    ("code", "enabled"), [("STR001", False), ("COV001", False), ("MET002", True)]
)
def test_structure_and_coverage_are_off_by_default(code: str, enabled: bool) -> None:
    assert Settings().is_enabled(code) is enabled
    assert Settings(ignore=("IMP002",)).is_enabled(code) is enabled
    assert Settings(select=(code[:3],)).is_enabled(code)


def test_the_words_that_count_as_evidence(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.modlint.evidence]\nsummary = ['fazit']\n")
    assert find_settings(tmp_path).evidence == {"summary": ("fazit",)}
    (tmp_path / "pyproject.toml").write_text("[tool.modlint.evidence]\nsummary = 'fazit'\n")
    with pytest.raises(SettingsError, match="list of strings each"):
        find_settings(tmp_path)


def test_evidence_for_a_rule_that_is_none_is_an_error(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.modlint.evidence]\nsumary = ['fazit']\n")
    result = modlint("check", "-", stdin="x = 1\n")
    assert result.exit_code == 2
    assert "no rule 'sumary' looks for evidence" in result.stderr


def test_extend_select_adds_to_select_and_to_the_default() -> None:
    assert Settings(select=("IMP",), extend_select=("NBG001",)).is_enabled("NBG001")
    assert not Settings(select=("IMP",), extend_select=("NBG001",)).is_enabled("NBG002")
    assert Settings(extend_select=("NBG",)).is_enabled("IMP001")
    assert Settings(extend_select=("IMP001",), ignore=("IMP",)).is_enabled("IMP001")


@pytest.mark.parametrize(
    ("name", "is_demo"),
    [
        ("demo", True), ("demo_relu", True), ("analyse_memory", True), ("analyze", True),
        ("visualize_layers", True), ("demonstration", False), ("show", True), ("shower", False),
        ("relu_demo", False),
    ],
)  # fmt: skip
def test_names_of_demos(name: str, is_demo: bool) -> None:
    assert Settings().is_demo_name(name) is is_demo
    assert not Settings(demo_names=("probe_*",)).is_demo_name(name)


# --- the nearest file -------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with settings, and a folder in it with its own."""
    (tmp_path / "own" / "deep").mkdir(parents=True)
    (tmp_path / "plain").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'c'\n\n[tool.modlint]\nignore = ['IMP']\nexclude = ['x']\n"
        "per-file-ignores = {'plain/*.py' = ['NBG'], 'a.py' = ['sig001', 'CEL']}\n"
    )
    (tmp_path / "own" / "modlint.toml").write_text("# own\nselect = [\n  'IMP',\n]\n")
    return tmp_path


def test_each_module_has_the_settings_of_the_nearest_file(course: Path) -> None:
    resolver = Resolver()
    own = resolver.of(str(course / "own" / "deep" / "a.py"))
    assert (own.select, own.ignore, own.source) == (
        ("IMP",), (), str(course / "own" / "modlint.toml"),
    )  # fmt: skip
    plain = resolver.of(str(course / "plain" / "a.py"))
    assert (plain.select, plain.ignore) == ((), ("IMP",))
    assert plain.ignored_here == ("NBG", "SIG001", "CEL")
    assert not plain.is_enabled("NBG001")
    assert resolver.of(str(course / "b.py")).ignored_here == ()


def test_what_a_file_ignores_is_not_in_force_whatever_else_is(course: Path) -> None:
    (course / "pyproject.toml").write_text(
        "[tool.modlint]\nselect = ['IMP001']\nper-file-ignores = {'*.py' = ['IMP']}\n"
    )
    assert not Resolver().of(str(course / "m.py")).is_enabled("IMP001")
    assert not Resolver(select=("IMP001",)).of(str(course / "m.py")).is_enabled("IMP001")


def test_origins_name_file_and_line(course: Path) -> None:
    settings = Resolver(ignore=("NBG",)).of(str(course / "b.py"))
    shared = str(course / "pyproject.toml")
    assert settings.ignore == ("IMP", "NBG")
    assert settings.origins == {
        "ignore": Origin(),
        "exclude": Origin(shared, 6),
        "per-file-ignores": Origin(shared, 7),
    }
    own = find_settings(course / "own")
    assert own.origins == {"select": Origin(str(course / "own" / "modlint.toml"), 2)}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tool.modlint]\nignore = ['a']\n[tool.modlint.points]\na = 1\n", 3),
        ("[tool.modlint]\npoints.a = 1\n", 2),
        ("[tool]\nmodlint.points = {a = 1}\n", 2),
        ("tool.modlint.points.a = 1\n", 1),
        ("[tool.other]\npoints = 1\n[tool.modlint]\n'points' = {a = 1}\n", 4),
        ("[tool]\nmodlint = {points = {a = 1}}\n", None),
    ],
)
def test_a_line_is_found_however_the_key_is_written(
    tmp_path: Path, text: str, line: int | None
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert find_settings(tmp_path).origins["points"].line == line


# --- extend -----------------------------------------------------------------------------------


def test_a_file_counts_before_the_one_that_it_extends(course: Path) -> None:
    (course / "own" / "modlint.toml").write_text(
        "extend = '../pyproject.toml'\nignore = ['SIG']\nextend-select = ['EXP']\n"
    )
    with (course / "pyproject.toml").open("a") as stream:
        stream.write("extend = 'base/all.toml'\nextend-select = ['NBG']\n")
    (course / "base").mkdir()
    (course / "base" / "all.toml").write_text("test-names = ['check_*']\nextend-select = ['CEL']\n")
    found = find_settings(course / "own")
    assert found.ignore == ("SIG",)
    assert found.exclude == ("x",)
    assert found.test_names == ("check_*",)
    assert found.extend_select == ("CEL", "NBG", "EXP")
    assert found.folder_of("exclude") == str(course / "own" / "..")
    assert found.origins["test-names"].line == 1


def test_files_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "modlint.toml").write_text("extend = 'a.toml'\n")
    (tmp_path / "a.toml").write_text("\nextend = './b.toml'\n")
    (tmp_path / "b.toml").write_text("extend = 'a.toml'\n")
    with pytest.raises(SettingsError) as caught:
        find_settings(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'b.toml'}:1: 'extend' leads in a circle: "
        "modlint.toml → a.toml → b.toml → a.toml"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extend = 'none.toml'\n", "modlint.toml:1: 'extend': no such file: none.toml"),
        ("extend = 'sub/pyproject.toml'\n", "sub/pyproject.toml: [tool.modlint] is missing"),
        ("extend = '.'\n", "modlint.toml:1: 'extend': no such file: ."),
        ("extend = 3\n", "'extend' must be the path of a file"),
        ("\nselcet = []\n", "modlint.toml:2: unknown key 'selcet'; did you mean 'select'?"),
        ("first_party = []\n", "unknown key 'first_party'; did you mean 'first-party'?"),
        ("ignore = 'IMP'\n", "'ignore' must be a list of codes or prefixes of codes; did you mean"),
        (
            "ignore = ['IMP0001']\n",
            "1: 'ignore': no rule begins with 'IMP0001'; did you mean 'IMP001'",
        ),
        ("select = ['NBF']\n", "no rule begins with 'NBF'; did you mean 'NBG'?"),
        ("select = ['?']\n", "no rule begins with '?'; see `modlint rule`"),
        ("per-file-ignores = {'a' = ['X1']}\n", "'per-file-ignores': no rule begins with 'X1'"),
        ("per-file-ignores = {'a' = 'IMP'}\n", "'per-file-ignores' must be a table of paths"),
        ("per-file-ignores = {'!' = []}\n", "'per-file-ignores': Invalid git pattern"),
        ("points = {a = true}\n", "'points' must be a table of names of tests"),
    ],
)
def test_what_cannot_be_used_is_told_with_file_line_and_key(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "modlint.toml").write_text(text)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(SettingsError) as caught:
        Resolver().at(str(tmp_path))
    assert message in str(caught.value)
    assert "modlint" in str(caught.value)


# --- one source -------------------------------------------------------------------------------


def test_schema_and_reference_are_what_the_fields_say() -> None:
    assert docs.SCHEMA.read_text("utf-8") == docs.schema(), "run tests/make_settings_docs.py"
    _, start, written = docs.REFERENCE.read_text("utf-8").partition(docs.START)
    assert start, "the mark above the generated part is gone"
    assert written == f"\n{docs.reference()}", "run tests/make_settings_docs.py"


def test_each_key_says_what_it_is_for() -> None:
    assert all(says(key).endswith(".") for key in keys())
    assert list(json.loads(docs.schema())["properties"]) == list(keys())


def _tables_of_the_documents() -> list[Any]:
    found = []
    for path in (docs.REFERENCE, ROOT / "README.md"):
        blocks = path.read_text("utf-8").split("```toml\n")[1:]
        tables = [tomllib.loads(block.split("```")[0]) for block in blocks]
        found += [table["tool"]["modlint"] if "tool" in table else table for table in tables]
    return found


def _validator() -> Any:
    schema = json.loads(docs.SCHEMA.read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize(
    "table", [{}, *_tables_of_the_documents(), {"select": [r.code for r in all_rules()]}]
)
def test_the_schema_takes_what_the_program_takes(table: Any, tmp_path: Path) -> None:
    assert list(_validator().iter_errors(table)) == []
    (tmp_path / "modlint.toml").write_text(
        "\n".join(f"{k} = {docs.toml(v)}" for k, v in table.items())
    )
    for name in (table.get("extend"), "base.toml"):
        if name:
            (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / name).write_text("")
    Resolver().at(str(tmp_path))


@pytest.mark.parametrize(
    "table",
    [
        {"selcet": []}, {"select": "IMP"}, {"select": [1]}, {"select": ["IMP0001"]},
        {"points": {"a": -1}}, {"points": {"a": "1"}}, {"points": []}, {"extend": ["a"]},
        {"per-file-ignores": {"a": "IMP"}}, {"per-file-ignores": ["a"]}, {"baseline": 1},
        {"exclude": {"a": 1}},
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_program_refuses(table: Any, tmp_path: Path) -> None:
    assert list(_validator().iter_errors(table)) != []
    (tmp_path / "modlint.toml").write_text(
        "\n".join(f"{k} = {docs.toml(v)}" for k, v in table.items())
    )
    with pytest.raises(SettingsError):
        Resolver().at(str(tmp_path))


def test_a_table_of_pyproject_in_a_file_of_our_own_is_told(tmp_path: Path) -> None:
    (tmp_path / "modlint.toml").write_text("[tool.modlint]\nselect = ['IMP']\n")
    with pytest.raises(SettingsError) as caught:
        find_settings(tmp_path)
    said = "unknown key 'tool': in modlint.toml the keys stand at the top, without [tool.modlint]"
    assert caught.value.message == said


@pytest.mark.parametrize("name", ["modlint.toml", "pyproject.toml"])
def test_a_byte_order_mark_is_no_part_of_the_settings(tmp_path: Path, name: str) -> None:
    head = "[tool.modlint]\n" if name == "pyproject.toml" else ""
    (tmp_path / name).write_text(f"{head}select = ['IMP']\n", "utf-8-sig")
    found = find_settings(tmp_path)
    assert found.select == ("IMP",)
    assert found.origins["select"].line == head.count("\n") + 1


def test_a_folder_in_place_of_settings_is_named_once(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "modlint.toml").mkdir()
    (tmp_path / "m.py").write_text("# %%\nx = 1\n")
    result = modlint("check", "m.py")
    assert result.exit_code == 2
    assert result.stderr == f"error: {tmp_path / 'modlint.toml'}: Is a directory\n"
