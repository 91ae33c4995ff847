"""Notebook files at the command line: check, fix, JSON, standard input, pairs, failures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from notebook_files import Json, notebook_of, written
from support import Run

ROLE = '{"grade": false, "grade_id": "f", "solution": true}'
PERCENT = (
    '# %%\nx = 1\nprint("hi")\n\n'
    f"# %% nbgrader={ROLE}\ndef f():\n    ### BEGIN SOLUTION\n    return 1\n"
    "    ### END SOLUTION\n\n\ndef test_f():\n    assert f() == 1\n\n\n"
    'if __name__ == "__main__":\n    test_f()\n\n'
    "# %%\ny = 2\n"
)
HI = '# %%\nprint("hi")\n'


def text_of(percent: str) -> str:
    return written(notebook_of(percent), "nbformat")


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "m.ipynb"
    path.write_text(text_of(PERCENT))
    return path


def cells(path: Path) -> list[Json]:
    found: list[Json] = json.loads(path.read_bytes())["cells"]
    return found


def test_check_names_file_cell_and_row(modlint: Run, notebook: Path) -> None:
    result = modlint("check", "m.ipynb")
    assert result.exit_code == 1
    assert result.stdout == (
        "m.ipynb:cell 1:2:1: IMP002 [*] print() runs on import\n"
        "m.ipynb:cell 2:1:1: NBG002 [*] nbgrader metadata lacks locked, schema_version\n"
        "m.ipynb:cell 2:7:1: NBG001 [*] test_f is not graded: its cell has no test metadata\n"
        "Found 3 problems in 1 file. [*] 3 fixable with `modlint fix --apply`.\n"
    )


def test_fix_shows_a_diff_of_each_cell_and_writes_nothing(modlint: Run, notebook: Path) -> None:
    before = notebook.read_bytes()
    result = modlint("fix", "m.ipynb")
    assert result.exit_code == 1
    assert (
        result.stdout
        == """\
--- m.ipynb:cell 1
+++ m.ipynb:cell 1
@@ -1,2 +1,3 @@
 x = 1
-print("hi")
+if __name__ == "__main__":
+    print("hi")
--- m.ipynb:cell 2
+++ m.ipynb:cell 2
@@ -2,11 +2,3 @@
     ### BEGIN SOLUTION
     return 1
     ### END SOLUTION
-
-
-def test_f():
-    assert f() == 1
-
-
-if __name__ == "__main__":
-    test_f()
--- m.ipynb:cell 2 metadata
+++ m.ipynb:cell 2 metadata
@@ -2,6 +2,8 @@
   "nbgrader": {
     "grade": false,
     "grade_id": "f",
+    "locked": false,
+    "schema_version": 3,
     "solution": true
   }
 }
--- /dev/null
+++ m.ipynb:cell 3
@@ -0,0 +1,6 @@
+def test_f():
+    assert f() == 1
+
+
+if __name__ == "__main__":
+    test_f()
--- /dev/null
+++ m.ipynb:cell 3 metadata
@@ -0,0 +1,10 @@
+{
+  "nbgrader": {
+    "grade": true,
+    "grade_id": "test-f",
+    "locked": true,
+    "points": 5,
+    "schema_version": 3,
+    "solution": false
+  }
+}
"""
    )
    assert (
        result.stderr == "Would apply 3 fixes in 1 file; write them with `modlint fix --apply`.\n"
    )
    assert notebook.read_bytes() == before


def test_apply_gives_the_new_cell_an_id_and_the_old_ones_keep_theirs(
    modlint: Run, notebook: Path
) -> None:
    old = [cell["id"] for cell in cells(notebook)]
    assert modlint("fix", "--apply", "m.ipynb").exit_code == 0
    new = [cell["id"] for cell in cells(notebook)]
    assert [new[0], new[1], new[3]] == old
    assert len(set(new)) == 4
    assert modlint("check", "m.ipynb").stdout == "All checks passed in 1 file.\n"
    before = notebook.stat().st_mtime_ns
    assert modlint("fix", "--apply", "m.ipynb").exit_code == 0
    assert notebook.stat().st_mtime_ns == before


def test_members_that_change_are_shown_beside_the_metadata(modlint: Run, tmp_path: Path) -> None:
    raw = notebook_of("# %%\nx = 1\n")
    del raw["cells"][0]["outputs"]
    (tmp_path / "m.ipynb").write_text(written(raw, "nbformat"))
    result = modlint("fix", "m.ipynb")
    assert result.stdout == (
        "--- m.ipynb:cell 1 metadata\n"
        "+++ m.ipynb:cell 1 metadata\n"
        "@@ -0,0 +1,3 @@\n"
        "+{\n"
        '+  "outputs": []\n'
        "+}\n"
    )


def test_the_diff_of_a_cell_with_magics_shows_them_as_they_are(
    modlint: Run, tmp_path: Path
) -> None:
    (tmp_path / "m.ipynb").write_text(text_of('# %%\n# %matplotlib inline\nprint("hi")\n'))
    result = modlint("fix", "m.ipynb")
    assert " %matplotlib inline\n" in result.stdout
    assert "ipython" not in result.stdout


def test_ways_out_name_their_cells(modlint: Run, tmp_path: Path) -> None:
    percent = "# %%\ndef f(x) -> None:\n    x.append(1)\n\n# %%\ndef f(x) -> int:\n    return 1\n"
    (tmp_path / "m.ipynb").write_text(text_of(percent))
    result = modlint("fix", "m.ipynb")
    assert result.exit_code == 0
    assert "  1. Keep both" in result.stdout
    assert "     --- m.ipynb:cell 2\n" in result.stdout
    assert "     -def f(x) -> int:\n" in result.stdout


def test_json_counts_rows_in_the_cell_and_gives_the_new_cells(modlint: Run, notebook: Path) -> None:
    result = modlint("check", "--output-format", "json", "m.ipynb")
    assert result.exit_code == 1
    first, second, third = json.loads(result.stdout)
    assert (first["filename"], first["cell"], first["code"]) == ("m.ipynb", 1, "IMP002")
    assert (first["location"], first["end_location"]) == (
        {"row": 2, "column": 1},
        {"row": 2, "column": 12},
    )
    source = 'x = 1\nif __name__ == "__main__":\n    print("hi")'
    metadata = cells(notebook)[0]["metadata"]
    content = [{"cell_type": "code", "metadata": metadata, "source": source}]
    assert first["fix"]["cells"] == [{"cell": 1, "content": content}]
    assert second["fix"]["cells"][0]["content"][0]["metadata"]["nbgrader"]["schema_version"] == 3
    assert [len(cell["content"]) for cell in third["fix"]["cells"]] == [2]


def test_stdin_is_read_as_what_its_name_says(modlint: Run, notebook: Path) -> None:
    text = notebook.read_text()
    result = modlint("check", "-", "--stdin-filename", "x.ipynb", stdin=text)
    assert result.exit_code == 1
    assert result.stdout.startswith("x.ipynb:cell 1:2:1: IMP002")
    modlint("fix", "--apply", "m.ipynb")
    result = modlint("fix", "--apply", "-", "--stdin-filename", "x.ipynb", stdin=text)
    assert (result.exit_code, result.stdout) == (0, notebook.read_text())


def test_a_notebook_on_stdin_is_not_taken_for_python(modlint: Run, notebook: Path) -> None:
    result = modlint("check", "-", stdin=notebook.read_text())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: <stdin>: looks like a notebook: say so with `--stdin-filename NAME.ipynb`\n"
    )


def test_stdin_that_is_no_notebook_is_an_error(modlint: Run) -> None:
    result = modlint("fix", "--apply", "-", "--stdin-filename", "x.ipynb", stdin=HI)
    assert (result.exit_code, result.stdout) == (2, HI)  # whoever sent it has it still
    assert result.stderr == "error: x.ipynb:1: the file is not valid JSON: expecting value\n"


def test_a_module_and_its_notebook_are_mended_together(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(HI)
    (tmp_path / "m.ipynb").write_text(text_of(HI))
    result = modlint("check", ".")
    assert result.stdout == (
        "m.ipynb:cell 1:1:1: IMP002 [*] print() runs on import\n"
        "m.py:2:1: IMP002 [*] print() runs on import\n"
        "Found 2 problems in 2 files. [*] 2 fixable with `modlint fix --apply`.\n"
    )
    result = modlint("fix", "--apply", ".")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Applied 2 fixes in 2 files.\n"
    assert modlint("check", ".").exit_code == 0


def test_one_bad_notebook_does_not_hide_the_others(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{")
    (tmp_path / "b.ipynb").write_text(text_of(HI))
    raw = notebook_of(HI)
    raw["cells"][0]["source"] = 5
    (tmp_path / "c.ipynb").write_text(json.dumps(raw))
    (tmp_path / "d.py").write_text(HI)
    for command in (["check"], ["fix", "--apply"]):
        result = modlint(*command, ".")
        assert result.exit_code == 2
        errors = [line for line in result.stderr.splitlines() if line.startswith("error")]
        assert errors == [
            "error: a.ipynb:1: the file is not valid JSON: "
            "expecting property name enclosed in double quotes",
            "error: c.ipynb: cell 1: its source must be a string or a list of strings",
        ]
    assert "__main__" in (tmp_path / "b.ipynb").read_text()
    assert "__main__" in (tmp_path / "d.py").read_text()


def test_metadata_that_is_nested_deeply_is_kept(modlint: Run, tmp_path: Path) -> None:
    lists = f'{{"a": {"[" * 900}{"]" * 900}}}'
    deep = text_of(HI).replace('"metadata": {},', f'"metadata": {lists},', 1)
    (tmp_path / "a.ipynb").write_text(deep)
    assert modlint("fix", "--apply", ".").exit_code == 0
    after = (tmp_path / "a.ipynb").read_text()
    assert "__main__" in after
    assert lists in after


def test_a_notebook_that_cannot_be_opened_does_not_stop_the_run(
    modlint: Run, tmp_path: Path
) -> None:
    deep = text_of(HI).replace(
        '"metadata": {},', f'"metadata": {{"a": {"[" * 9000}{"]" * 9000}}},', 1
    )
    (tmp_path / "a.ipynb").write_text(deep)
    (tmp_path / "b.ipynb").write_text(text_of(HI))
    result = modlint("fix", "--apply", ".")
    assert result.exit_code == 2
    assert "error: a.ipynb: is too deeply nested to be checked\n" in result.stderr
    assert (tmp_path / "a.ipynb").read_text() == deep
    assert "__main__" in (tmp_path / "b.ipynb").read_text()


def test_a_failing_fix_is_blamed_on_modlint(
    modlint: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("modlint.cli.mending.fix", broken)
    (tmp_path / "a.ipynb").write_text(text_of(HI))
    result = modlint("fix", "--apply", ".")
    assert result.exit_code == 2
    assert "error: a.ipynb: not fixed: internal error of modlint: KeyError: 'x'\n" in result.stderr
