"""NBG011: what a region hides and another cell shows."""

from __future__ import annotations

import pytest

from exporting import found
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings
from support import REFERENCE

SOLUTION = (
    '# %% nbgrader={"grade": false, "grade_id": "it", "locked": false, '
    '"schema_version": 3, "solution": true}\n'
)
GRADED = (
    '# %% nbgrader={"grade": true, "grade_id": "test-it", "locked": true, "points": 5, '
    '"schema_version": 3, "solution": false}\n'
)
BODY = """    total = 0.0
    for value in values:
        if value > limit:
            total += (value - limit) ** 2
        else:
            total += value * 0.5
    return total / len(values)
"""
#: The same with other names, a text, a comment and a print.
RENAMED = """    # Sum up.
    s = 0.0
    for v in vs:
        if v > bound:
            s += (v - bound) ** 2
        else:
            s += v * 0.5
    print(f"the sum is {s}")
    return s / len(vs)
"""
#: The same function in other words.
REWORDED = """    total, count = 0.0, len(values)
    for value in values:
        if value > limit:
            total = total + (value - limit) ** 2
        else:
            total = total + value / 2
    return total / count
"""
HIDDEN = (
    SOLUTION
    + 'def loss(values, limit):\n    """The mean loss."""\n    ### BEGIN SOLUTION\n'
    + BODY
    + "    ### END SOLUTION\n\n"
)


def messages(text: str) -> list[str]:
    return [d.message for d in found(text, "NBG011")]


def indented(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


# --- what is reported -----------------------------------------------------------------------

SHOWN = {
    "again": "# %%\ndef loss(values, limit):\n" + BODY,
    "other words": "# %%\ndef loss(values, limit):\n" + REWORDED,
    "renamed": "# %%\ndef reference(vs, bound):\n" + RENAMED,
    "method": "# %%\nclass Losses:\n    @staticmethod\n    def loss(values, limit):\n"
    + indented(REWORDED),
    "demo": "# %%\ndef demo():\n    vs, bound = [1, 2], 1\n"
    + RENAMED.replace("return s / len(vs)", "mean = s / len(vs)\n    print(mean)\n    return mean"),
    "test": GRADED + "def test_it():\n    def wanted(vs, bound):\n" + indented(RENAMED),
    "helper": HIDDEN.replace('"it"', '"two"').replace("def loss", "def other").replace("0.5", "7")
    + "def reference(vs, bound):\n"
    + RENAMED,
    "read-only": SOLUTION.replace("false, \"schema", "true, \"schema").replace("true}", "false}")
    + "def reference(vs, bound):\n"
    + RENAMED,
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_an_answer_that_students_receive_is_reported(name: str) -> None:
    (message,) = messages(HIDDEN + SHOWN[name])
    assert message.endswith("shows the answer to loss (line 2): students receive it")


@pytest.mark.parametrize("name", SHOWN)
def test_the_order_of_the_cells_does_not_matter(name: str) -> None:
    assert len(messages(SHOWN[name] + "\n" + HIDDEN)) == 1


def test_without_a_function_the_statements_are_shown() -> None:
    def flat(body: str) -> str:
        return "".join(line[4:] + "\n" for line in body.splitlines()).replace("return", "mean =")

    text = SOLUTION + "values, limit = [1, 2], 1\n### BEGIN SOLUTION\n" + flat(BODY)
    text += "### END SOLUTION\n\n# %%\nvs, bound = [3, 4], 2\n" + flat(RENAMED)
    (diagnostic,) = found(text, "NBG011")
    assert diagnostic.message == "this code shows the answer of line 4: students receive it"
    first = text.splitlines().index("s = 0.0") + 1
    assert (diagnostic.start.row, diagnostic.end.row) == (first, first + 7)


def test_a_region_round_a_whole_class_hides_its_methods() -> None:
    inner = "class Losses:\n    def loss(self, values, limit):\n" + indented(BODY)
    text = SOLUTION + "### BEGIN SOLUTION\n" + inner + "### END SOLUTION\n\n# %%\n" + inner
    assert messages(text) == [
        "Losses.loss shows the answer to Losses.loss (line 4): students receive it"
    ]


# --- what is no leak ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        "# %%\nclass Losses:\n    def loss(self, values, limit):\n"
        '        """The mean loss."""\n        return loss(values, limit)\n',
        "# %%\ndef loss(values, limit):\n    raise NotImplementedError\n",
        "# %%\ndef loss(path, mode):\n    with open(path, mode) as stream:\n"
        '        return [line.strip() for line in stream if not line.startswith("#")]\n',
        "# %%\ndef demo():\n    print(loss([1, 2, 3], 2))\n    assert loss([1], 2) == 0.5\n",
        GRADED + "def test_loss():\n    assert loss([1, 2, 3], 2) == 2 / 3\n",
        "# %%\ndef other(values):\n    total = 0.0\n    for value in values:\n"
        "        total += value\n    return total / len(values)\n",
        '# %% [markdown]\n"""\n' + BODY + '"""\n',
        SOLUTION.replace('"it"', '"wiped"') + "def loss(values, limit):\n" + BODY,
        HIDDEN.replace('"it"', '"two"'),
        GRADED + "assert loss\n### BEGIN HIDDEN TESTS\ndef wanted(values, limit):\n"
        + BODY + "### END HIDDEN TESTS\n",
    ],
    ids=[
        "delegates", "stub", "another", "calls", "test", "alike", "text", "wiped", "hidden too",
        "hidden tests",
    ],
)  # fmt: skip
def test_what_shows_no_answer_is_none(cell: str) -> None:
    assert messages(HIDDEN + cell) == []


def test_methods_count_by_name_only_in_a_class_of_that_name() -> None:
    def layer(name: str, body: str) -> str:
        return f"class {name}:\n    def forward(self, values, limit):\n" + indented(body)

    hidden = layer("Loss", "    ### BEGIN SOLUTION\n" + BODY + "    ### END SOLUTION\n")
    text = SOLUTION + hidden + "\n# %%\n"
    assert messages(text + layer("Other", REWORDED)) == []
    assert len(messages(text + layer("Loss", REWORDED))) == 1
    assert len(messages(text + layer("Other", BODY))) == 1


def test_a_module_without_regions_hides_nothing() -> None:
    assert messages(SOLUTION + "x = 1\n\n# %%\n" + "def loss(values, limit):\n" + BODY) == []


def test_the_interface_of_the_reference_module_only_delegates() -> None:
    assert messages(REFERENCE.read_text("utf-8")) == []


def test_a_new_region_may_show_that_its_answer_stands_elsewhere() -> None:
    wiped = SOLUTION + "#| export\ndef loss(values, limit):\n" + BODY
    file = read_text("# %%\n#| default_exp core\n\n" + wiped + "\n" + SHOWN["renamed"])
    settings = Settings(select=("NBG",))
    outcome = fix(file, lint(file, settings), settings, unsafe=True)
    assert (outcome.fault, [d.code for d in outcome.remaining]) == ("", ["NBG011"])
