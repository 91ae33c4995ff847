"""STR005–STR009, STR014–STR016, STR019–STR021: formulas, drawings, code, tests, imports."""

from __future__ import annotations

import pytest

from evidence import SOLUTION, TEST, graded, markdown, rows, said, shown, solution

GUARD = '# %%\nif __name__ == "__main__":\n    '
RELU = solution("def relu(x):")


@pytest.mark.parametrize(
    "drawing",
    [
        "```\n┌───┐\n│ x │\n└───┘\n```",
        "```text\n+---+\n| x |\n+---+\n```",
        "```\ninput → layer → output\n```",
        "```mermaid\ngraph LR\n```",
        "![a layer](layer.png)",
        "┌───┐\n│ x │\n└───┘",
    ],
)
def test_what_is_a_diagram(drawing: str) -> None:
    assert rows(markdown(f"Text.\n\n{drawing}"), "STR006") == []


@pytest.mark.parametrize(
    "other",
    [
        "```python\nx = 1  # → 2 → 3\ny = 2  # → 3\n```",
        "```\n$ python relu.py\nok\n```",
        "    q = x / scale      FP32 → INT8\n    x = q * scale      INT8 → FP32",
        "A → B and B → C.",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_what_is_none(other: str) -> None:
    assert rows(markdown(f"Text.\n\n{other}"), "STR006") == [1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("## Mathematical background\nText.", True),
        ("$$y = x^2$$", True),
        ("    y = Σ x × w", True),
        ("```python\ny = x ** 2  # Σ\n```", False),
        ("```\n┌──────┐\n│ y = Σ│\n└──────┘\n```", False),
        ("x = 1 is a number.", False),
    ],
)
def test_what_is_mathematics(text: str, found: bool) -> None:
    assert bool(shown(markdown(f"Text.\n\n{text}"), "STR005")) is found


def scaffold(*sections: str) -> str:
    lines = "".join(f"\n    {name}:\n    something\n" for name in sections)
    return f'def relu(x):\n    """\n    Clip.\n{lines}    """'


def test_each_section_of_the_scaffolding_is_missed() -> None:
    full = ("TODO", "APPROACH", "EXAMPLE", "HINT")
    assert rows(solution(scaffold(*full)), "STR007") == []
    for missing in full:
        text = solution(scaffold(*(name for name in full if name != missing)))
        assert said(text, "STR007")[0][1].startswith(f"the docstring of relu lacks {missing}")
    assert "no scaffolding" in said(RELU, "STR007")[0][1]


def test_one_example_is_enough_for_a_class() -> None:
    method = (
        '    def {}(self):\n        """\n        TODO: x\n\n        APPROACH:\n        1. y\n{}\n'
        '        HINTS:\n        - z\n        """\n'
        "        ### BEGIN SOLUTION\n        return 1\n        ### END SOLUTION\n\n"
    )
    example = "\n        EXAMPLE:\n        >>> 1\n"
    both = f"{SOLUTION}class A:\n{method.format('a', example)}{method.format('b', '')}"
    assert rows(both, "STR007") == []
    assert len(rows(both.replace("EXAMPLE", "NOTE"), "STR007")) == 2


def test_code_outside_solution_cells_needs_no_scaffolding() -> None:
    assert rows("# %%\ndef relu(x):\n    return x\n", "STR007") == []


@pytest.mark.parametrize(
    "code",
    [
        "def analyze_memory(x):\n    return 4 * x\n",
        "class A:\n    def memory_usage(self):\n        return 1\n",
        "def report(x):\n    return x.nbytes\n",
        "def report(x):\n    size_mb = 4 * x / 1e6\n    print(size_mb)\n",
        "if __name__ == '__main__':\n    profiler.measure_memory(model)\n",
    ],
)
def test_what_measures_memory(code: str) -> None:
    assert rows(f"# %%\n{code}", "STR008") == []


@pytest.mark.parametrize(
    "code",
    ["def test_memory():\n    assert True\n", "def memory():\n    pass\n", "memory = 1\n"],
    ids=["a test", "a stub", "a variable"],
)
def test_what_does_not(code: str) -> None:
    assert rows(f"# %%\n{code}", "STR008") == [1]


def test_a_section_without_a_measurement_falls_short() -> None:
    text = markdown("# A\n## Performance\nSlow.")
    assert said(text, "STR009") == [(3, "performance is described, and no function measures it")]
    timed = text + "# %%\ndef run(f):\n    t = time.perf_counter()\n    f()\n"
    assert rows(timed, "STR009") == []


def test_a_main_block_runs_the_integration_test() -> None:
    tests = graded("assert relu(1)") + graded("test_unit()", "test_module")
    assert rows(RELU + tests, "STR014") == [1]
    assert rows(RELU + tests + GUARD + "test_module()\n", "STR014") == []
    assert len(rows(RELU + tests + GUARD + "test_unit()\n", "STR014")) == 1
    helper = "# %%\ndef run_all():\n    test_module()\n\n\n"
    assert rows(RELU + tests + helper + GUARD + "run_all()\n", "STR014") == []


def test_without_an_integration_test_any_test_will_do() -> None:
    assert rows(RELU + graded("assert relu(1)") + GUARD + "test_unit()\n", "STR014") == []
    assert len(rows(RELU + graded("assert relu(1)") + GUARD + "print(1)\n", "STR014")) == 1


def test_a_test_of_its_own_follows_each_solution() -> None:
    step = solution("def step(x):", "return relu(x)")
    own = graded("assert relu(1)", "test_relu")
    other = graded("assert step(1)", "test_step")
    assert rows(RELU + own + step + other, "STR015") == []
    assert "test_step" in said(RELU + step + other, "STR015")[0][1]
    both = graded("assert step(1) == relu(1)", "test_both")
    assert rows(RELU + step + both, "STR015") == []


def test_a_test_may_stand_in_the_cell_of_its_solution() -> None:
    assert rows(RELU.rstrip() + "\n\n\ndef test_relu():\n    assert relu(1)\n", "STR015") == []


def test_the_integration_test_uses_the_solutions() -> None:
    assert rows(RELU + graded("assert relu(1)", "test_module"), "STR016") == []
    idle = said(RELU + graded("assert True", "test_module"), "STR016")
    assert [message for _, message in idle] == ["test_module uses no solution of the module"]
    assert rows(RELU + graded("assert relu(1)", "test_unit"), "STR016") == [1]


def test_an_explanation_stands_between_two_solutions() -> None:
    step = solution("def step(x):")
    between = markdown("## The step\nText.")
    assert rows(markdown("## ReLU") + RELU + between + step, "STR019") == []
    assert said(markdown("## ReLU") + RELU + step, "STR019")[0][1].startswith("no explanation")
    assert rows(RELU, "STR019") == [1]
    assert rows("# %%\nx = 1\n", "STR019") == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```python\nx = 1", "never closed"),
        ("Text.\n\n~~~\nx = 1\n```", "never closed"),
        ("#Summary", "a space is missing"),
        ("", "is empty"),
    ],
)
def test_markdown_that_is_not_shown_as_meant(text: str, fault: str) -> None:
    found = said(markdown("# Good") + markdown(text), "STR020")
    assert [fault in message for _, message in found] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "````\n```\n````",
        "- item\n  ```python\n  x = 1\n  ```",
        "> ```\n> x\n> ```",
        "```python\n#Summary\n```",
        "#hashtag in a text",
        "# Summary",
    ],
)
def test_markdown_that_is_right(text: str) -> None:
    assert rows(markdown(text), "STR020") == []


@pytest.mark.parametrize(
    "code",
    [
        "from tensor_dev import Tensor",
        "from tinytorch.core.tensor import *",
        "import sys\nsys.path.append('..')",
        "try:\n    from tinytorch.core.tensor import Tensor\nexcept ImportError:\n"
        "    from tensor_dev import Tensor",
    ],
)
def test_an_import_that_works_only_here(code: str) -> None:
    assert len(rows(f"# %%\nimport numpy\n{code}\n", "STR021")) == 1


@pytest.mark.parametrize(
    "code",
    [
        "from tinytorch.core.tensor import Tensor",
        "from math import *",
        "def demo():\n    from tensor_dev import Tensor",
        "if __name__ == '__main__':\n    import sys\n    sys.path.append('..')",
    ],
)
def test_an_import_that_is_right(code: str) -> None:
    assert rows(f"# %%\nimport numpy\n{code}\n", "STR021") == []


def test_a_module_without_tests_shows_none() -> None:
    assert shown(RELU, "STR015") == []
    assert TEST not in RELU
