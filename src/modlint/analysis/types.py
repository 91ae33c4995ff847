"""As much of Python's type annotations as a literal can contradict.

A false alarm is worse than a miss here: whatever is not surely understood is
taken to accept everything.
"""

from __future__ import annotations

import ast

from modlint.analysis.facts import NO_FACTS, Facts

#: Names of typing for builtin containers.
_ALIASES = {
    "List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple",
    "Text": "str",
}  # fmt: skip
#: Modules whose names are types.
_TYPING = frozenset({"typing", "t", "builtins", "collections.abc"})
_BUILTIN = frozenset(
    {"int", "float", "complex", "str", "bytes", "bool", "list", "dict", "set", "frozenset", "tuple"}
)
#: What else a promised type accepts (PEP 484: the numeric tower; bool is an int).
_ACCEPTS = {
    "int": {"bool"}, "float": {"int", "bool"}, "complex": {"float", "int", "bool"},
}  # fmt: skip


def members(annotation: ast.expr, facts: Facts = NO_FACTS) -> list[ast.expr]:
    """The alternatives of a union: ``Optional[X]`` → X, None; anything else is one alternative.

    ``facts`` tell what a name means: a module's own class ``Optional`` is no union.
    """
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return members(ast.parse(annotation.value.strip(), mode="eval").body, facts)
        except (SyntaxError, ValueError):
            return [annotation]
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return members(annotation.left, facts) + members(annotation.right, facts)
    if isinstance(annotation, ast.Subscript):
        name = facts.special(annotation.value)
        inner = annotation.slice
        if name == "Optional":
            return [*members(inner, facts), ast.Constant(None)]
        if name == "Union":
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return [m for part in parts for m in members(part, facts)]
        if name in ("Annotated", "Final", "ClassVar"):
            first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
            return members(first, facts)
    return [annotation]


def is_none(annotation: ast.expr) -> bool:
    """Whether the annotation is ``None`` and nothing else."""
    return isinstance(annotation, ast.Constant) and annotation.value is None


def known_type(annotation: ast.expr, facts: Facts = NO_FACTS) -> str | None:
    """The builtin type that an alternative names; None where it is anything else."""
    base = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    name = facts.special(base)
    return name if name in _BUILTIN else None


def normal(annotation: ast.expr, facts: Facts = NO_FACTS) -> frozenset[str]:
    """An annotation in one spelling: ``Optional[List[int]]`` and ``list[int] | None`` are equal."""
    parts = members(annotation, facts)
    return frozenset(ast.unparse(_Normal().visit(_copied(part))) for part in parts)


def _copied(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


class _Normal(ast.NodeTransformer):
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if ast.unparse(node.value) in _TYPING:
            return ast.Name(_ALIASES.get(node.attr, node.attr))
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(_ALIASES.get(node.id, node.id))


def tuple_arity(annotation: ast.expr, facts: Facts = NO_FACTS) -> int | None:
    """How many elements ``Tuple[A, B]`` promises; None where it does not say."""
    if known_type(annotation, facts) != "tuple" or not isinstance(annotation, ast.Subscript):
        return None
    inner = annotation.slice
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if any(isinstance(p, ast.Constant) and p.value is ... for p in parts):
        return None
    if any(isinstance(p, ast.Starred) for p in parts):
        return None
    return len(parts)


def literal_type(value: ast.expr) -> str | None:
    """The type of a literal or a display; None where the text does not decide it."""
    if isinstance(value, ast.Constant):
        name = type(value.value).__name__
        return name if name in _BUILTIN else None
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return "bool"
    if isinstance(value, ast.UnaryOp) and isinstance(value.operand, ast.Constant):
        return literal_type(value.operand)
    kinds: list[tuple[type[ast.expr], str]] = [
        (ast.JoinedStr, "str"),
        (ast.Tuple, "tuple"),
        (ast.List, "list"),
        (ast.ListComp, "list"),
        (ast.Dict, "dict"),
        (ast.DictComp, "dict"),
        (ast.Set, "set"),
        (ast.SetComp, "set"),
    ]
    return next((name for kind, name in kinds if isinstance(value, kind)), None)


def accepts(promised: str, given: str) -> bool:
    """Whether a value of builtin type ``given`` is one of type ``promised``."""
    return promised == given or given in _ACCEPTS.get(promised, ())


def last_name(node: ast.expr) -> str:
    """The last name of a type, without its parameters: ``t.List[int]`` → ``List``."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
