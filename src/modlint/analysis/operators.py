"""The special methods that a piece of syntax may call (Language Reference, section 3.3)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_BINARY = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv",
    ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow", ast.LShift: "lshift",
    ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
}  # fmt: skip
_UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
_TRUTH = ("__bool__", "__len__")
_ITERATION = ("__iter__", "__next__", "__len__", "__getitem__")
_COMPARED = {
    ast.Eq: ("__eq__",), ast.NotEq: ("__ne__", "__eq__"), ast.Lt: ("__lt__", "__gt__"),
    ast.Gt: ("__lt__", "__gt__"), ast.LtE: ("__le__", "__ge__"), ast.GtE: ("__le__", "__ge__"),
    ast.In: ("__contains__", *_ITERATION, "__eq__"),
    ast.NotIn: ("__contains__", *_ITERATION, "__eq__"),
}  # fmt: skip
_SUBSCRIPT = {ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__"}
_WORDS = ("__str__", "__repr__", "__format__")
_NUMBER = ("__int__", "__float__", "__complex__", "__index__", "__round__", "__trunc__")
_BUILTINS: dict[str, tuple[str, ...]] = {
    "abs": ("__abs__",), "round": _NUMBER, "int": _NUMBER, "float": _NUMBER, "complex": _NUMBER,
    "range": _NUMBER, "divmod": ("__divmod__", "__rdivmod__"), "pow": ("__pow__", "__rpow__"),
    "str": _WORDS, "print": _WORDS, "repr": _WORDS, "format": _WORDS, "reversed": ("__reversed__",),
    "len": ("__len__",), "bool": _TRUTH, "any": (*_ITERATION, *_TRUTH),
    "all": (*_ITERATION, *_TRUTH), "sum": (*_ITERATION, "__add__", "__radd__"),
    "isinstance": (), "issubclass": (), "type": (), "id": (), "callable": (), "hasattr": (),
    "getattr": (), "setattr": (),
}  # fmt: skip
#: Any other call may turn what it is given into an array, sort it, print it, sum it, …
_ARRAYS = (
    "__array__", "__array_ufunc__", "__array_function__", *_ITERATION, *_TRUTH, *_NUMBER, *_WORDS,
    "__lt__", "__gt__", "__eq__",
)  # fmt: skip
_ENTERED = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_REFLECTED = tuple(f"__{p}{name}__" for p in ("", "r", "i") for name in _BINARY.values())

#: Methods that only such syntax calls; all others may be called by Python at any time.
CALLED_BY_SYNTAX = frozenset(
    (
        *_REFLECTED, *_UNARY.values(), *_SUBSCRIPT.values(), *_ARRAYS, *_ENTERED,
        *(name for names in (*_COMPARED.values(), *_BUILTINS.values()) for name in names),
    )
)  # fmt: skip


def special_methods(node: ast.AST) -> Iterator[str]:
    """The special methods that ``node`` itself may call on the objects in it."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        operands = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.target]
        if not all(map(_is_plain, operands)):
            prefixes = ("", "r") if isinstance(node, ast.BinOp) else ("", "r", "i")
            yield from (f"__{prefix}{_BINARY[type(node.op)]}__" for prefix in prefixes)
            if isinstance(node.op, ast.Mod):  # "%s" % what
                yield from _WORDS
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
            yield "__getitem__"
    elif isinstance(node, ast.UnaryOp):
        if not _is_plain(node.operand):
            yield from (_UNARY[type(node.op)],) if type(node.op) in _UNARY else _TRUTH
    elif isinstance(node, ast.Compare):
        if not all(map(_is_plain, [node.left, *node.comparators])):
            for operator in node.ops:
                yield from _COMPARED.get(type(operator), ())
    elif isinstance(node, ast.Subscript):
        yield _SUBSCRIPT[type(node.ctx)]
    elif isinstance(node, ast.FormattedValue):
        yield from _WORDS
    elif isinstance(node, ast.Call):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if not all(map(_is_plain, given)):
            yield from _of_call(node.func)
    elif isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert | ast.BoolOp):
        yield from _TRUTH
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension | ast.Starred | ast.Tuple):
        yield from (*_ITERATION, *_TRUTH)
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield from _ENTERED


def _of_call(function: ast.expr) -> Iterable[str]:
    """The special methods that ``function`` may call on what it is given."""
    if isinstance(function, ast.Name):
        return _BUILTINS.get(function.id, _ARRAYS)
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        # The module `operator` has a function for each of them.
        return CALLED_BY_SYNTAX if function.value.id == "operator" else _ARRAYS
    return _ARRAYS


def _is_plain(node: ast.expr) -> bool:
    """Whether an operand is made of numbers and texts, and holds no object of the module."""
    if isinstance(node, ast.BinOp):
        return _is_plain(node.left) and _is_plain(node.right)
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(map(_is_plain, node.elts))
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "len"
    return isinstance(node, ast.Constant | ast.JoinedStr)
