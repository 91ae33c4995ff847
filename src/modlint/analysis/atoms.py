"""The values that an annotation leaves open, taken apart as far as a test can tell them apart.

``Literal["a", "b"]`` are two atoms, an enumeration has one for each member, ``bool`` two,
``int | None`` two. What a test surely takes away is gone; what it may take away (a class or
an alias that another module defines) is counted, so that it can be given up in doubt.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from enum import Enum
from itertools import product
from typing import NamedTuple

from modlint.analysis.facts import Facts, real_class

#: More combinations than this are not looked at.
_MANY = 512


class Atom(NamedTuple):
    """One alternative; its ``kind`` is none, value, member, class, type, tuple or any.

    ``name`` is the path of the class; ``value`` the literal or the member's name; ``tests``
    how many tests may have taken it away.
    """

    kind: str
    name: str = ""
    value: str = ""
    parts: tuple[Atom, ...] = ()
    tests: int = 0


Atoms = frozenset[Atom]

NONE = Atom("none", "builtins.NoneType")
ANY = Atom("any")
TRUE, FALSE = Atom("value", "builtins.bool", "True"), Atom("value", "builtins.bool", "False")
BOOL: Atoms = frozenset({TRUE, FALSE})


class Match(Enum):
    """Whether a test takes an atom.

    ``OPEN``: another module's class or alias decides it; ``DOUBT``: a name decides it that may
    stand for any number of classes.
    """

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    OPEN = "open"
    DOUBT = "doubt"


def tested(atom: Atom, match: Match) -> Atom:
    """``atom`` after a test that did not surely take it."""
    tests = {Match.OPEN: 1, Match.DOUBT: 2}.get(match, 0)
    return atom._replace(tests=atom.tests + tests) if tests else atom


def all_gone(atoms: Iterable[Atom]) -> bool:
    """Whether nothing is left: an alternative that two tests may have taken is given up."""
    return all(atom.tests > 1 for atom in atoms)


def atoms_of(facts: Facts, annotation: ast.expr | None, depth: int = 0) -> Atoms | None:
    """The alternatives of an annotation; None where it may be anything."""
    node = annotation
    if node is None or depth > 8:
        return None
    if isinstance(node, ast.Constant):
        if node.value is None:
            return frozenset({NONE})
        return _of_text(facts, node.value, depth) if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union(facts, [node.left, node.right], depth)
    if isinstance(node, ast.Subscript):
        return _of_subscript(facts, node, depth)
    return _of_name(facts, node, depth)


def _of_text(facts: Facts, text: str, depth: int) -> Atoms | None:
    try:
        return atoms_of(facts, ast.parse(text.strip(), mode="eval").body, depth + 1)
    except (SyntaxError, ValueError):
        return None


def _union(facts: Facts, nodes: list[ast.expr], depth: int) -> Atoms | None:
    found: set[Atom] = set()
    for node in nodes:
        atoms = atoms_of(facts, node, depth + 1)
        if atoms is None:
            return None
        found |= atoms
    return frozenset(found)


def _of_subscript(facts: Facts, node: ast.Subscript, depth: int) -> Atoms | None:
    special = facts.special(node.value)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if special == "Optional":
        found = atoms_of(facts, node.slice, depth + 1)
        return None if found is None else found | {NONE}
    if special == "Union":
        return _union(facts, parts, depth)
    if special in ("Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"):
        return atoms_of(facts, parts[0], depth + 1) if parts else None
    if special == "Literal":
        return _of_literals(facts, parts, depth)
    if special == "type" and (made := _union(facts, parts, depth)):
        return frozenset(atom._replace(kind="type") for atom in made if atom.kind == "class")
    if special == "tuple":
        return _of_tuple(facts, parts, depth)
    return _of_name(facts, node.value, depth)


def _of_literals(facts: Facts, parts: list[ast.expr], depth: int) -> Atoms | None:
    found: set[Atom] = set()
    for part in parts:
        atom = constant(facts, part)
        if atom is None:
            nested = atoms_of(facts, part, depth + 1)
            if nested is None:
                return None
            found |= nested
        else:
            found.add(atom)
    return frozenset(found)


def _of_tuple(facts: Facts, parts: list[ast.expr], depth: int) -> Atoms:
    whole = frozenset({Atom("class", "builtins.tuple")})
    if any(isinstance(p, ast.Starred) or getattr(p, "value", None) is ... for p in parts):
        return whole
    if len(parts) == 1 and isinstance(parts[0], ast.Tuple):  # `tuple[()]`
        parts = []
    return tuples([atoms_of(facts, part, depth + 1) for part in parts]) or whole


def tuples(parts: list[Atoms | None]) -> Atoms | None:
    """The tuples of these parts; None where there are too many of them."""
    size = 1
    for part in parts:
        size *= 1 if part is None else len(part)
    if size > _MANY:
        return None
    sides = [sorted(part) if part is not None else [ANY] for part in parts]
    return frozenset(Atom("tuple", "builtins.tuple", "", each) for each in product(*sides))


def _of_name(facts: Facts, node: ast.expr, depth: int) -> Atoms | None:
    path = facts.path(node)
    special = facts.special(node)
    if not path or special in ("object", "Any", "Self", "TypeVar", "Never", "NoReturn"):
        return None
    if special == "bool":
        return BOOL
    if special == "AnyStr":
        return frozenset({Atom("class", "builtins.str"), Atom("class", "builtins.bytes")})
    if path[:1] == ":" and facts.class_of(path) is None:
        return _of_alias(facts, facts.values.get(path[1:]), depth)
    return of_class(facts, path)


def of_class(facts: Facts, path: str) -> Atoms:
    """The alternatives that the objects of a class are: the members of an enumeration."""
    if path == "builtins.bool":
        return BOOL
    members = facts.members(path)
    if members:
        return frozenset(member(facts, path, name) for name in members)
    return frozenset({Atom("class", path)})


def _of_alias(facts: Facts, value: ast.expr | None, depth: int) -> Atoms | None:
    """The alternatives of a name that is bound to a type, a type variable or a ``NewType``."""
    if not isinstance(value, ast.Call):
        return atoms_of(facts, value, depth + 1)
    if facts.special(value.func) == "NewType" and len(value.args) == 2:
        return atoms_of(facts, value.args[1], depth + 1)
    if facts.special(value.func) == "TypeVar":
        bounds = [k.value for k in value.keywords if k.arg == "bound"]
        return _union(facts, value.args[1:] or bounds, depth) or None
    return None


def member(facts: Facts, path: str, name: str) -> Atom:
    """A member of an enumeration; a second name of a value is the first one's."""
    members = facts.members(path) or {}
    wanted = members.get(name)
    if isinstance(wanted, ast.Constant):
        for first, value in members.items():
            if isinstance(value, ast.Constant) and value.value == wanted.value:
                name = first
                break
    return Atom("member", path, name)


def constant(facts: Facts, node: ast.expr) -> Atom | None:
    """The one value that an expression surely is: a literal or a member of an enumeration."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NONE
        kind = type(node.value).__name__
        return Atom("value", f"builtins.{kind}", repr(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = constant(facts, node.operand)
        number = inner is not None and inner.name in ("builtins.int", "builtins.float")
        return inner._replace(value=f"-{inner.value}") if inner and number else None
    if isinstance(node, ast.Attribute):
        path = facts.path(node.value)
        members = facts.members(path)
        if members is not None:
            return member(facts, path, node.attr) if node.attr in members else None
        # A name in capitals, or one of a class: what else has constants is no enumeration.
        return Atom("member", path, node.attr) if path and facts.class_of(path) is None else None
    if isinstance(node, ast.Name):
        path = facts.path(node)
        value = facts.values.get(path[1:]) if path[:1] == ":" else None
        return constant(facts, value) if isinstance(value, ast.Constant) else None
    return None


def equals(facts: Facts, atom: Atom, other: Atom) -> Match:
    """Whether what ``atom`` stands for is the value ``other``."""
    if atom.kind == "any":
        return Match.MAYBE
    if atom.kind == "class":
        return _class_equals(facts, atom, other)
    if atom.kind in ("tuple", "type") or "none" in (atom.kind, other.kind):
        return Match.YES if atom.kind == other.kind == "none" else Match.NO
    if atom.kind == other.kind == "member":
        return Match.YES if atom[1:3] == other[1:3] else Match.NO
    left, right = _plain(facts, atom), _plain(facts, other)
    if left is None or right is None:
        return Match.MAYBE
    return Match.YES if ast.literal_eval(left) == ast.literal_eval(right) else Match.NO


def _plain(facts: Facts, atom: Atom) -> str | None:
    """The literal that an atom equals."""
    if atom.kind == "value":
        return atom.value
    members = facts.members(atom.name)
    value = members.get(atom.value) if members and facts.has_plain_values(atom.name) else None
    return repr(value.value) if isinstance(value, ast.Constant) else None


def _class_equals(facts: Facts, atom: Atom, other: Atom) -> Match:
    if atom.name.startswith(("builtins.", "collections.abc.")):
        return Match.NO if other.kind == "none" else Match.MAYBE
    if other.kind == "none":
        return Match.MAYBE if _may_be_alias(facts, atom) else Match.NO
    if other.kind == "member" and not facts.lineage(atom.name)[1]:
        return Match.OPEN
    return Match.OPEN if _may_be_alias(facts, atom) else Match.MAYBE


def _may_be_alias(facts: Facts, atom: Atom) -> bool:
    """Whether the name of another module may be that of a union: nothing is made of it here."""
    is_known = facts.class_of(atom.name) is not None or real_class(atom.name) is not None
    if is_known or atom.name.startswith("typing."):
        return False
    return not any(facts.imports.get(name) == atom.name for name in facts.called)


def is_instance(facts: Facts, atom: Atom, path: str) -> Match:
    """Whether what ``atom`` stands for is an object of the class ``path``."""
    if path == "?":
        return Match.DOUBT
    if path == "builtins.object":
        return Match.YES
    if atom.kind == "any":
        return Match.MAYBE
    if atom.kind == "type":
        return Match.YES if path == "builtins.type" else Match.NO
    if atom.name == path:
        return Match.YES
    real, wanted = real_class(atom.name), real_class(path)
    if isinstance(real, type) and isinstance(wanted, type):
        return _real_instance(real, wanted)
    lineage, complete = facts.lineage(atom.name)
    if path in lineage:
        return Match.YES
    if atom.kind == "none":
        return Match.NO if wanted is not None or facts.class_of(path) else Match.MAYBE
    if complete:
        return Match.MAYBE
    related = wanted is None and _may_be_related(facts, lineage, path)
    return Match.OPEN if related or _may_be_alias(facts, atom) else Match.MAYBE


def _may_be_related(facts: Facts, lineage: frozenset[str], path: str) -> bool:
    """Whether a class of another module may be a base of one that is known in part."""
    if facts.class_of(path) is not None:
        return False
    roots = {name.split(".")[0] for name in lineage if "." in name or name[:1] == "?"}
    return path.split(".")[0] in roots or path[:1] == "?" or "?" in roots


def _real_instance(real: type, wanted: type) -> Match:
    try:
        if issubclass(real, wanted):
            return Match.YES
        if issubclass(wanted, real) or {real, wanted} <= {int, float, complex}:
            return Match.MAYBE
    except TypeError:
        return Match.MAYBE
    solid = {real.__module__, wanted.__module__} == {"builtins"}
    return Match.NO if solid or real is type(None) else Match.MAYBE
