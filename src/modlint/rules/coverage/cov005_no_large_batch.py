"""COV005: no test gives a large batch."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.analysis.solutions import solutions_of
from modlint.analysis.trees import walk
from modlint.diagnostics import Severity
from modlint.patterns import matches
from modlint.rules.coverage._family import TestRule, header, of_test, testing, title_of
from modlint.rules.evidence import Evidence

#: A parameter, or a shape that begins with the batch: `batch_size`, `(batch, features)`.
_BATCH = re.compile(r"\bbatch_?size\b|\(batch\w*\s*[,=×x]|\bbatch(?:es)? of\b", re.IGNORECASE)
_LARGE = 100
#: Calls that make an array of the shape that they are given.
_MAKERS = ("*.randn", "*.rand", "*.zeros", "*.ones", "*.full", "*.empty", "*.random",
           "*.normal", "*.uniform", "*.randint", "*.integers", "*.standard_normal")  # fmt: skip
_SHAPES = frozenset({"size", "shape"})


class NoLargeBatch(TestRule):
    """No test computes with a batch as large as those of practice."""

    code = "COV005"
    name = "no-large-batch"
    severity = Severity.WARNING
    words = ("large batch*", "big batch*", "batch of hundreds", "batch of thousands")
    lack = "no test gives {} a large batch (100 rows or more)"

    def subject(self, module: Module) -> Evidence | None:
        """The first solution that says that it takes batches; no other is asked for one."""
        for solution in solutions_of(module):
            text = ast.get_source_segment(solution.unit.text, solution.node) or ""
            if _BATCH.search(text):
                return header(solution, solution.name)
        return None

    def evidence(self, module: Module) -> Iterator[Evidence]:
        """The tests that make an array of at least two dimensions and 100 rows."""
        for covered in testing(module):
            word = self.matches(module, title_of(covered))
            if word or any(_makes_large(node) for node in covered.test.nodes):
                yield of_test(covered, f"{covered.test.name}: {word or 'a large batch'}")


def _makes_large(test: ast.stmt) -> bool:
    numbers = _numbers(test)
    for call in walk(test):
        if isinstance(call, ast.Call) and matches(ast.unparse(call.func), _MAKERS):
            shapes = [k.value for k in call.keywords if k.arg in _SHAPES] or list(call.args)
            tuples = [s for s in shapes if isinstance(s, ast.Tuple | ast.List)]
            shape = list(tuples[0].elts) if tuples else shapes
            if len(shape) > 1 and _size(shape[0], numbers) >= _LARGE:
                return True
    return False


def _numbers(test: ast.stmt) -> dict[str, int]:
    """Whole numbers that the test gives names to, in loops too: `for batch in [1, 512]`."""
    found: dict[str, int] = {}
    for node in walk(test):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs.append((target, node.value))
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs += zip(target.elts, node.value.elts, strict=False)
        elif isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple | ast.List):
            pairs += [(node.target, value) for value in node.iter.elts]
        for target, value in pairs:
            if isinstance(target, ast.Name):
                found[target.id] = max(found.get(target.id, 0), _size(value, {}))
    return found


def _size(node: ast.expr, numbers: dict[str, int]) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    return numbers.get(node.id, 0) if isinstance(node, ast.Name) else 0
