"""EXP004: no test in the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporting import DEFAULT, fixed, found, notebook, rows, sources
from real_tools.package import exported

CODE = "EXP004"
ADD = "# %%\n#| export\ndef add(a, b):\n    return a + b\n\n"
TEST = "def test_unit_add():\n    assert add(1, 2) == 3\n"
ALONE = DEFAULT + ADD + "# %%\n#| export\n" + TEST
GUARD = '\nif __name__ == "__main__":\n    test_unit_add()\n'


@pytest.mark.parametrize(
    "call", ["", GUARD, "\ntest_unit_add()\n"], ids=["none", "guarded", "bare"]
)
def test_a_cell_of_tests_leaves_the_package(call: str, tmp_path: Path) -> None:
    text = ALONE + call
    (diagnostic,) = found(text, CODE)
    assert (diagnostic.start.row, diagnostic.end.row) == (11, 12)
    before = exported(tmp_path / "before", text)
    assert "__all__ = ['add', 'test_unit_add']" in before.text("core")
    after = exported(tmp_path / "after", fixed(text, CODE))
    assert "__all__ = ['add']" in after.text("core")
    assert "test_unit_add" not in after.text("core")
    assert fixed(text, CODE) == DEFAULT + ADD + "# %%\n" + TEST + call


def test_exporti_ships_it_without_listing_it(tmp_path: Path) -> None:
    text = ALONE.replace("export\ndef test", "exporti\ndef test")
    (diagnostic,) = found(text, CODE)
    assert "__all__" not in diagnostic.message
    assert "def test_unit_add" in exported(tmp_path, text).text("core")


def test_a_class_of_tests() -> None:
    text = DEFAULT + "# %%\n#| export\nclass TestAdd:\n    def test_one(self):\n        pass\n"
    assert rows(text, CODE) == [6]


@pytest.mark.parametrize(
    "cell",
    [
        "# %%\n" + TEST,
        "# %%\n#| export\ndef test_data(size):\n    return [0] * size\n",
        "# %%\n#| export\nclass TestData:\n    rows = 3\n",
        "# %%\n#| export\ndef protest_add():\n    pass\n",
    ],
    ids=["not exported", "helper", "no tests in it", "other name"],
)
def test_what_is_no_exported_test(cell: str) -> None:
    assert found(DEFAULT + ADD + cell, CODE) == []


def test_a_test_beside_code_is_nbg001s_to_move(tmp_path: Path) -> None:
    text = DEFAULT + ADD.rstrip("\n") + "\n\n" + TEST
    (diagnostic,) = found(text, CODE)
    assert diagnostic.fix is None
    assert fixed(text, CODE) == text
    new = fixed(text, CODE, "NBG001")
    assert found(new, CODE, "NBG001") == []
    assert "__all__ = ['add']" in exported(tmp_path, new).text("core")


def test_a_name_that_other_exported_code_uses_stays() -> None:
    text = ALONE + "\n# %%\n#| export\ndef check():\n    test_unit_add()\n"
    (diagnostic,) = found(text, CODE)
    assert diagnostic.fix is None


def test_other_directives_stay() -> None:
    text = ALONE.replace("#| export\ndef test", "#| hide\n#| export\n#| eval: false\ndef test")
    assert fixed(text, CODE).endswith("#| hide\n#| eval: false\n" + TEST)


def test_a_notebook_file() -> None:
    text = notebook("#| default_exp core", "#| export\n" + TEST.rstrip())
    assert sources(fixed(text, CODE))[1] == TEST.rstrip()
