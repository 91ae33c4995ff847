"""SIG004: what a docstring says of parameters and result, held against the signature."""

from __future__ import annotations

import pytest

from modlint.diagnostics import Diagnostic
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings

SIG004 = Settings(select=("SIG004",))


def check(text: str) -> list[Diagnostic]:
    return lint(read_text(text), SIG004)


def function(header: str, docstring: str, body: str = "return 1") -> str:
    lines = [f"    {line}".rstrip() for line in docstring.strip("\n").split("\n")]
    return f'{header}\n    """Do it.\n\n' + "\n".join(lines) + f'\n    """\n    {body}\n'


@pytest.mark.parametrize(
    ("header", "entry", "message"),
    [
        ("def f(x):", "y: the input", "the docstring describes y, which f() does not take; x"),
        ("def f(bits):", "bit: how many", "which f() does not take; bits is meant"),
        ("def f(x, *rest):", "y (int): more", "the docstring describes y, which f() does not"),
        ("def f(x):", "x, y: both", "the docstring describes y, which f() does not take"),
        ("def f(x: str):", "x (int): n", "says x is int, but it is annotated str"),
        ("def f(x: str):", "x (int, optional): n", "says x is int, but it is annotated str"),
        (
            "def f(x: 'List[int]'):",
            "x (dict): n",
            "says x is dict, but it is annotated 'List[int]'",
        ),
        ("def f(x=4):", "x: bits (default: 8)", "says x defaults to 8, but its default is 4"),
        ("def f(x=4):", "x: bits. Defaults to 8.", "says x defaults to 8, but its default is 4"),
        (
            "def f(x=4):",
            "x: bits,\n        default=8",
            "says x defaults to 8, but its default is 4",
        ),
        ("def f(*, x=True):", "x: on (default False)", ""),
        (
            "def f(*, x=True):",
            "x: on (default: False)",
            "defaults to False, but its default is True",
        ),
        ("def f(x):", "x: bits (default: 8)", "says x defaults to 8, but it has no default"),
    ],
)
def test_a_parameter_that_the_signature_denies(header: str, entry: str, message: str) -> None:
    found = check(function(header, f"Args:\n    {entry}"))
    if not message:
        assert found == []
        return
    (one,) = found
    short = message.removesuffix("; x")
    assert short in one.message
    assert (one.start.row, one.start.column) == (5, 9)
    assert one.end.column == 9 + len(entry.split("\n")[0])


@pytest.mark.parametrize(
    ("header", "entry"),
    [
        ("def f(x):", "x: the input"),
        ("def f(x, y):", "x: only one of the two"),
        ("def f(x, **options):", "y: one of the options"),
        ("def f(*xs, **options):", "*xs: many\n    **options: more"),
        ("def f(*xs):", "xs: many"),
        ("def f(x):", "x: a table:\n        y: of this"),
        ("def f(x: float):", "x (int): whole"),
        ("def f(x: 'int | None'):", "x (int, optional): whole"),
        ("def f(x: np.ndarray):", "x (list): values"),
        ("def f(x: int):", "x (whole number): value"),
        ("def f(x: Shape):", "x (tuple): an alias may be anything"),
        ("def f(x=8):", "x: bits (default: 8)"),
        ("def f(x=8.0):", "x: bits (default: 8)"),
        ("def f(x=None):", "x: bits (default: 8)"),
        ("def f(x=BITS):", "x: bits (default: 8)"),
        ("def f(x=0.7):", "x: how much (default: 70%)"),
        ("def f(x=1e-3):", "x: step (default: 0.001)"),
        ("def f(x=2):", "x: by default: 2 of them"),
        ("def f(x):", "x::y is no entry"),
        ("async def f(self, x):", "self: itself\n    x: that"),
    ],
)
def test_a_parameter_that_the_signature_allows(header: str, entry: str) -> None:
    assert check(function(header, f"Args:\n    {entry}")) == []


def test_the_section_ends_where_its_indent_does() -> None:
    text = function("def f(x):", "Args:\n    x: input\n\nIn a course: nothing\nshape: of it")
    assert check(text) == []


@pytest.mark.parametrize("title", ["Retruns", "Return value", "Возвращает", "Side-effects"])
def test_what_is_underlined_ends_the_parameters(title: str) -> None:
    docstring = f"Parameters\n----------\nx : int\n\n{title}\n----------\ny : the result\n"
    assert check(function("def f(x):", docstring)) == []
    inside = docstring.replace(f"{title}\n----------\n", "")
    (one,) = check(function("def f(x):", inside))
    assert "describes y" in one.message


def test_the_style_of_numpy_is_read() -> None:
    docstring = "Parameters\n----------\nx : int\n    The input.\ny : int\n    More.\n"
    (found,) = check(function("def f(x):", docstring))
    assert found.message == "the docstring describes y, which f() does not take"
    assert found.start.row == 8


@pytest.mark.parametrize("name", ["Args", "Arguments", "Parameters", "Params"])
def test_every_name_of_the_section_is_known(name: str) -> None:
    assert len(check(function("def f(x):", f"{name}:\n    y: other"))) == 1


@pytest.mark.parametrize(
    ("header", "section", "body", "message"),
    [
        ("def f():", "Returns:\n    The sum.", "print(1)", "says what f() returns, but it returns"),
        ("def f():", "Returns: the sum", "print(1)", "says what f() returns, but it returns None"),
        ("def f() -> None:", "Returns:\n    The sum.", "...", "but it returns None"),
        (
            "def f() -> str:",
            "Returns:\n    int: n",
            "...",
            "of f() is int, but it is annotated str",
        ),
        ("def f() -> list[int]:", "Returns:\n    Dict[str, int]: n", "...", "is Dict[str, int]"),
        (
            "class T:\n    pass\n\n\ndef f() -> T:",
            "Returns:\n    float: the loss",
            "...",
            "the result of f() is float, but it is annotated T",
        ),
        (
            "from tinytorch.core.tensor import Tensor\n\n\ndef f() -> Tensor:",
            "Returns:\n    float: the loss",
            "...",
            "the result of f() is float, but it is annotated Tensor",
        ),
    ],
)
def test_a_result_that_the_signature_denies(
    header: str, section: str, body: str, message: str
) -> None:
    (found,) = check(function(header, section, body))
    assert message in found.message


@pytest.mark.parametrize(
    ("header", "section", "body"),
    [
        ("def f():", "Returns:\n    The sum.", "return 1"),
        ("def f():", "Returns:\n    The sum.", "raise NotImplementedError"),
        ("def f():", "Returns:\n    None", "print(1)"),
        ("def f():", "Returns:\n    Nothing; it prints.", "print(1)"),
        ("def f() -> None:", "Returns:\n    None: it prints", "print(1)"),
        ("def f():", "Returns:\n", "print(1)"),
        ("def f() -> None:", "Returns:\n    The sum.", "return 1"),
        ("def f() -> str:", "Returns:\n    output: the text", "..."),
        ("def f() -> np.ndarray:", "Returns:\n    list: the values", "..."),
        ("def f() -> 'Optional[int]':", "Returns:\n    int: how many", "..."),
        ("def f() -> float:", "Returns:\n    int: how many", "..."),
        ("def f() -> Tuple[int, int]:", "Returns:\n    tuple: (a, b)", "..."),
        ("T = float\n\n\ndef f() -> T:", "Returns:\n    float: the loss", "..."),
    ],
)
def test_a_result_that_the_signature_allows(header: str, section: str, body: str) -> None:
    assert check(function(header, section, body)) == []


def test_methods_and_nested_functions_are_held_to_theirs() -> None:
    method = function("def f(self, x):", "Args:\n    y: other")
    text = "class A:\n" + "".join(f"    {line}\n" if line else "\n" for line in method.split("\n"))
    (found,) = check(text)
    assert (found.start.row, found.start.column) == (6, 13)
