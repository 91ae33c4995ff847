"""``from __future__`` below other code: Python reads the script, nbdev writes the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from exporting import found, notebook
from real_tools.package import exported

NAME = "#| default_exp core"
FUTURE = "from __future__ import annotations"
#: Cells of a module; whether the script, whether the package is refused.
MODULES = {
    "below code": ([NAME, "#| export\nBITS = 8", f"#| export\n{FUTURE}"], True, True),
    "below an unexported cell": ([NAME, "BITS = 8", f"#| export\n{FUTURE}\nX = 1"], True, False),
    "first": ([NAME, f"#| export\n{FUTURE}", "#| export\nBITS = 8"], False, False),
    "two in two cells": (
        [NAME, f"#| export\n{FUTURE}", "#| export\nfrom __future__ import division"],
        False,
        False,
    ),
    "the second too late": (
        [NAME, f"#| export\n{FUTURE}", "#| exporti\nX = 1", "#| export\n" + FUTURE],
        True,
        True,
    ),
    "below a docstring": ([NAME, f'#| export\n"""Doc."""\n{FUTURE}'], False, False),
    "below two strings": (
        [NAME, '#| export\n"""Doc."""', f'#| export\n"""More."""\n{FUTURE}'],
        True,
        True,
    ),
    "below comments": ([NAME, "#| export\n# a comment", f"#| export\n{FUTURE}"], False, False),
    "not exported": ([NAME, "#| export\nX = 1", FUTURE], True, False),
}


def percent(cells: list[str]) -> str:
    return "".join(f"# %%\n{cell}\n\n" for cell in cells)


def is_refused(text: str) -> bool:
    try:
        compile(text, "module.py", "exec")
    except SyntaxError:
        return True
    return False


@pytest.mark.parametrize("name", MODULES)
def test_what_python_and_nbdev_refuse_is_an_error(name: str, tmp_path: Path) -> None:
    cells, in_script, in_package = MODULES[name]
    text = percent(cells)
    assert is_refused(text) is in_script
    assert bool(exported(tmp_path, text).imported("core")) is in_package
    assert {d.code for d in found(text, "CEL008", "EXP005")} == (
        {"CEL008"} if in_script else set()
    ) | ({"EXP005"} if in_package else set())
    codes = {d.code for d in found(notebook(*cells), "CEL008", "EXP005")}
    # In a notebook, two strings and an import of one cell are one text, too.
    own = {"CEL008"} if name == "below two strings" and is_refused(cells[-1]) else set()
    assert codes == own | ({"EXP005"} if in_package else set())


def test_a_text_cell_is_a_docstring_once() -> None:
    title = '# %% [markdown]\n"""\n# Title\n"""\n\n'
    assert found(f"{title}# %%\n{FUTURE}\n", "CEL008") == []
    (late,) = found(f"{title}{title}# %%\n{FUTURE}\n", "CEL008")
    assert (late.start.row, "below line 7" in late.message) == (12, True)
    comments = "# %% [markdown]\n# # Title\n\n"
    assert found(f"{comments}{comments}# %%\n{FUTURE}\n", "CEL008") == []


def test_within_one_cell_it_is_reported_once() -> None:
    assert [d.code for d in found(f"# %%\nX = 1\n{FUTURE}\n", "CEL008")] == ["CEL008"]


def test_the_summary_of_a_title_is_a_docstring_of_the_package(tmp_path: Path) -> None:
    title = "# %% [markdown]\n# # Title\n# > What it is.\n\n"
    text = title + percent([NAME, f'#| export\n"""Doc."""\n{FUTURE}'])
    assert exported(tmp_path, text).imported("core").startswith("SyntaxError")
    assert [d.code for d in found(text, "CEL008", "EXP005")] == ["EXP005"]


def test_what_is_added_to_another_module_comes_too_late() -> None:
    text = percent([NAME, f"#| export other\n{FUTURE}"])
    assert [d.code for d in found(text, "CEL008", "EXP005")] == ["EXP005"]
