"""COV004: no test gives extreme values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.solutions import solutions_of
from modlint.analysis.trees import walk
from modlint.diagnostics import Severity
from modlint.rules.coverage._family import TestRule, header, of_test, testing, title_of
from modlint.rules.evidence import Evidence

_LARGE, _SMALL = 1e3, 1e-10
_LIMITS = frozenset({"inf", "nan", "infinity", "finfo", "iinfo", "float_info", "NaN", "Inf"})
#: Functions whose result is not what one expects of every number.
_DELICATE = frozenset(
    "exp expm1 exp2 log log1p log2 log10 sqrt power std var norm round clip sinh cosh tan "
    "divide reciprocal softmax".split()
)
_TOLERANCES = frozenset({"atol", "rtol", "eps", "epsilon", "tol", "tolerance", "places", "lr"})


class NoExtremeValues(TestRule):
    """No test computes with very large or very small numbers, infinity or NaN."""

    code = "COV004"
    name = "no-extreme-values"
    severity = Severity.INFO
    words = ("extreme*", "overflow*", "underflow*", "stress*", "numerical stability", "huge")
    lack = "no test gives {} extreme values: very large, very small, infinity, NaN"

    def subject(self, module: Module) -> Evidence | None:
        """The first solution that computes what may overflow, vanish or be undefined."""
        for solution in solutions_of(module):
            nodes = list(walk(solution.node))
            names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
            # `.data` is where a tensor keeps its numbers; `tokens / words` is none of them.
            if names & _DELICATE or ("data" in names and any(map(_divides, nodes))):
                return header(solution, solution.name)
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests that do, by their numbers or by what they say that they are about."""
        for covered in testing(module):
            word = self.matches(module, title_of(covered))
            number = next((n for node in covered.test.nodes for n in _extremes(node)), "")
            if word or number:
                yield of_test(covered, f"{covered.test.name}: {number or word}")


def _divides(node: ast.AST) -> bool:
    """Whether ``node`` divides by a value that is no constant of the module."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return False
    names = [part.id for part in walk(node.right) if isinstance(part, ast.Name)]
    return any(not name.isupper() for name in names)


def _extremes(node: ast.AST, in_data: bool = False) -> Iterator[str]:
    """The extreme numbers that are given to something, as they are written.

    Bounds of comparisons, divisors, tolerances, sizes and shapes are no data.
    """
    if isinstance(node, ast.Compare):
        for part in walk(node):
            if isinstance(part, ast.Call):
                yield from _extremes(part)
        return
    if isinstance(node, ast.Attribute | ast.Name):
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name in _LIMITS:
            yield ast.unparse(node)
    if isinstance(node, ast.Constant) and _is_extreme(node.value, in_data):
        yield ast.unparse(node)
    if isinstance(node, ast.Constant) and str(node.value).lstrip("+-").lower() in ("inf", "nan"):
        yield repr(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield from _extremes(node.left, in_data)
        return
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.keyword) and child.arg in _TOLERANCES:
                continue
            if isinstance(child, ast.AST):
                # A list is data where it is filled with numbers: `Tensor([1000, -1000])`.
                data = isinstance(node, ast.List) or (in_data and name in ("operand", "elts"))
                yield from _extremes(child, data)


def _is_extreme(value: object, in_data: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, int) and not in_data:
        return False  # a size, a shape, a seed
    return abs(value) >= _LARGE or 0 < abs(value) <= _SMALL
