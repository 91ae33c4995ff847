"""What a test leaves of the values that a name may have, as a type checker narrows them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from modlint.analysis.atoms import (
    ANY,
    BOOL,
    FALSE,
    NONE,
    TRUE,
    Atom,
    Atoms,
    Match,
    all_gone,
    atoms_of,
    constant,
    equals,
    is_instance,
    of_class,
    tested,
    tuples,
)
from modlint.analysis.context import Context
from modlint.analysis.facts import Facts
from modlint.analysis.trees import dotted

#: What is known of names and attributes at one point, where it is more than their annotations say.
State = Mapping[str, Atoms]
Sides = tuple[State | None, State | None]

_SEQUENCES = frozenset(
    {"builtins.list", "builtins.tuple", "collections.abc.Sequence",
     "collections.abc.MutableSequence"}
)  # fmt: skip
_NUMBERS = {Atom("class", "builtins.float"), Atom("class", "builtins.complex")}
_MAPPINGS = frozenset(
    {"builtins.dict", "collections.abc.Mapping", "collections.abc.MutableMapping"}
)


def joined(states: Iterable[State | None]) -> State | None:
    """What is known where several ways meet; None where none of them comes here."""
    found = [state for state in states if state is not None]
    if not found:
        return None
    first, *others = found
    if not others:
        return first
    common = [key for key in first if all(key in other for other in others)]
    return {key: frozenset().union(*(state[key] for state in found)) for key in common}


def forget(state: State, names: Iterable[str]) -> State:
    """``state`` after something else was bound to ``names`` (paths): their parts go with them."""
    if not state:
        return state
    gone = tuple(names)
    heads = tuple(f"{name}." for name in gone)
    return {k: v for k, v in state.items() if k not in gone and not k.startswith(heads)}


class Narrowing:
    """The tests of one function."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.facts: Facts = context.facts

    def split(self, test: ast.expr, state: State) -> Sides:
        """What is known where ``test`` holds, and where it does not; None: that cannot be."""
        if isinstance(test, ast.Constant):
            return (state, None) if test.value else (None, state)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yes, no = self.split(test.operand, state)
            return no, yes
        if isinstance(test, ast.BoolOp):
            return self._several(test.values, isinstance(test.op, ast.And), state)
        if isinstance(test, ast.Compare):
            return self._compare(test, state)
        if isinstance(test, ast.Call) and len(test.args) > 0 and not test.keywords:
            found = self._call(test, state)
            if found is not None:
                return found
        return self._by(test, state, self._is_true)

    def type_of(self, node: ast.expr, state: State) -> Atoms | None:
        """The values that an expression may have, as far as annotations and tests tell."""
        if isinstance(node, ast.NamedExpr):
            return self.type_of(node.value, state)
        key = key_of(node)
        if key in state:
            return state[key]
        if isinstance(node, ast.Attribute) and key:
            own = constant(self.facts, node)
            if own is not None and self.facts.members(own.name) is not None:
                return frozenset({own})
            return self._attribute(self.type_of(node.value, state), node.attr)
        if isinstance(node, ast.Tuple):
            return tuples([self.type_of(part, state) for part in node.elts])
        return self.context.type_of(node)

    def _attribute(self, owner: Atoms | None, name: str) -> Atoms | None:
        """The values of an attribute of objects of the module's own classes."""
        if not owner:
            return None
        found: set[Atom] = set()
        for atom in owner:
            values = self.context.attribute(atom.name, name)
            if values is None:
                return None
            found |= values
        return frozenset(found)

    def _several(self, values: list[ast.expr], is_and: bool, state: State) -> Sides:
        current: State | None = state
        left: list[State | None] = []
        for value in values:
            if current is None:
                break
            yes, no = self.split(value, current)
            current, other = (yes, no) if is_and else (no, yes)
            left.append(other)
        return (current, joined(left)) if is_and else (joined(left), current)

    def _by(self, node: ast.expr, state: State, takes: Callable[[Atom], Match]) -> Sides:
        """Both sides of a test that takes each value of ``node`` or does not."""
        if isinstance(node, ast.NamedExpr):
            state = self.bound(state, node.target.id, node.value)
            node = node.target
        key = key_of(node)
        atoms = self.type_of(node, state) if key else None
        if atoms is None:
            return state, state
        matches = {atom: takes(atom) for atom in atoms}
        yes = frozenset(a for a, match in matches.items() if match is not Match.NO)
        no = frozenset(tested(a, match) for a, match in matches.items() if match is not Match.YES)
        if key not in state and (not yes or (not no and _is_one_class(atoms))):
            return state, state  # a test against the annotation says that other values do come
        return (
            {**state, key: yes} if yes else None,
            None if all_gone(no) else {**state, key: no},
        )

    def bound(self, state: State, name: str, value: ast.expr | None) -> State:
        """``state`` after ``value`` was bound to ``name``."""
        atoms = self.type_of(value, state) if value is not None else None
        state = forget(state, (name,))
        if atoms is None:
            return state
        if isinstance(value, ast.Constant):  # a flag, which is given another value later
            atoms = BOOL if value.value is True or value.value is False else None
        if atoms is None or self.context.declared(name) is not None:
            return state
        self.context.inferred.setdefault(name, atoms)
        return {**state, name: atoms}

    # --- the tests -------------------------------------------------------------------------

    def _is_true(self, atom: Atom) -> Match:
        if atom.kind == "none":
            return Match.NO
        if atom.kind == "value":
            return Match.YES if ast.literal_eval(atom.value) else Match.NO
        if atom.kind == "tuple":
            return Match.YES if atom.parts else Match.NO
        if atom.kind == "member" and not self.facts.has_plain_values(atom.name):
            return Match.YES
        return Match.MAYBE

    def _compare(self, test: ast.Compare, state: State) -> Sides:
        if len(test.ops) != 1:
            return state, state
        operator, left, right = test.ops[0], test.left, test.comparators[0]
        if isinstance(operator, ast.In | ast.NotIn):
            yes, no = self._in(left, right, state)
        else:
            yes, no = self._equal(operator, left, right, state)
        negative = isinstance(operator, ast.NotIn | ast.NotEq | ast.IsNot)
        return (no, yes) if negative else (yes, no)

    def _in(self, left: ast.expr, right: ast.expr, state: State) -> Sides:
        path = self.facts.path(right)
        display = self.facts.values.get(path[1:]) if path[:1] == ":" else right
        if not isinstance(display, ast.Tuple | ast.List | ast.Set):
            return state, state
        values = [self._constant(value) for value in display.elts]
        if None in values:
            return state, state

        def takes(atom: Atom) -> Match:
            found = [equals(self.facts, atom, value) for value in values if value is not None]
            return strongest(found)

        return self._by(left, state, takes)

    def _equal(self, operator: ast.cmpop, left: ast.expr, right: ast.expr, state: State) -> Sides:
        if not isinstance(operator, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            return state, state
        if self._constant(right) is None:
            left, right = right, left
        value = self._constant(right)
        if value is None:
            return self._equal_class(left, right, state)
        if isinstance(left, ast.Call) and dotted(left.func) == "len" and len(left.args) == 1:
            return self._by(left.args[0], state, lambda atom: _has_length(atom, value))
        yes, no = self._by(left, state, lambda atom: equals(self.facts, atom, value))
        return self._by_tag(left, value, (yes, no))

    def _equal_class(self, left: ast.expr, right: ast.expr, state: State) -> Sides:
        """``type(x) is C``: where it does not hold, an object of a class below may be left."""
        call, other = (left, right) if isinstance(left, ast.Call) else (right, left)
        if not (isinstance(call, ast.Call) and dotted(call.func) == "type" and len(call.args) == 1):
            return state, state
        path = self.facts.path(other)

        def takes(atom: Atom) -> Match:
            match = is_instance(self.facts, atom, path)
            is_final = atom.kind in ("none", "member") or atom.name == "builtins.bool"
            return Match.MAYBE if match is Match.YES and not is_final else match

        return self._by(call.args[0], state, takes)

    def _by_tag(self, node: ast.expr, value: Atom, sides: Sides) -> Sides:
        """``x.kind == "a"`` and ``x["kind"] == "a"`` tell the classes of x apart."""
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            name = str(node.slice.value)
        else:
            return sides
        key = key_of(node.value)
        if not key:
            return sides

        def takes(atom: Atom) -> Match:
            values = self.context.attribute(atom.name, name) if atom.kind == "class" else None
            if values is None:
                return Match.OPEN if atom.name[:1] not in ":b" else Match.MAYBE
            matches = {equals(self.facts, part, value) for part in values}
            return matches.pop() if len(matches) == 1 else Match.MAYBE

        yes, no = sides
        if yes is not None:
            yes = self._by(node.value, yes, takes)[0]
        if no is not None:
            no = self._by(node.value, no, takes)[1]
        return yes, no

    def _constant(self, node: ast.expr) -> Atom | None:
        """The one value of an expression: also ``self.LEFT`` and ``type(self).LEFT``."""
        found = constant(self.facts, node)
        if found is not None and found.kind != "member":
            return found
        if isinstance(node, ast.Attribute):
            owner = self.context.owner_path
            if dotted(node.value) in ("self", "cls", "type(self)", "self.__class__") and owner:
                members = self.facts.members(owner)
                return constant(self.facts, _of(owner, node.attr)) if members else None
        return found

    def _call(self, test: ast.Call, state: State) -> Sides | None:
        name = self.facts.special(test.func)
        first = test.args[0]
        if name in ("isinstance", "issubclass") and len(test.args) == 2:
            paths = self._classes(test.args[1], 0)
            kind = "class" if name == "isinstance" else "type"

            def takes(atom: Atom) -> Match:
                if kind == "type" and atom.kind != "type":
                    return Match.MAYBE
                atom = atom._replace(kind="class") if kind == "type" else atom
                return strongest(is_instance(self.facts, atom, path) for path in paths)

            return self._by(first, state, takes)
        if name == "callable":
            return self._by(first, state, _is_callable)
        if name == "bool" and len(test.args) == 1:
            return self.split(first, state)
        function = self.context.function(test.func)
        returns = function.returns if function is not None else None
        if isinstance(returns, ast.Subscript) and self.facts.special(returns.value) == "TypeIs":
            wanted = atoms_of(self.facts, returns.slice)
            return self._by(
                first, state, lambda atom: Match.YES if atom in (wanted or ()) else Match.NO
            )
        return None

    def _classes(self, node: ast.expr, depth: int) -> list[str]:
        """The paths of the classes that a test names; ``?`` for what may be any number of them."""
        if isinstance(node, ast.Tuple):
            return [path for part in node.elts for path in self._classes(part, depth + 1)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._classes(node.left, depth + 1) + self._classes(node.right, depth + 1)
        if isinstance(node, ast.Constant) and node.value is None:
            return ["builtins.NoneType"]
        if isinstance(node, ast.Call) and dotted(node.func) == "type":
            none = [a for a in node.args if isinstance(a, ast.Constant) and a.value is None]
            return ["builtins.NoneType"] if none else ["?"]
        path = self.facts.path(node)
        if path[:1] == ":" and self.facts.class_of(path) is None:
            value = self.facts.values.get(path[1:])
            return self._classes(value, depth + 1) if value is not None and depth < 8 else ["?"]
        return [path] if _names_class(path) and not self.context.is_local(dotted(node)) else ["?"]

    # --- the patterns ----------------------------------------------------------------------

    def subject(self, node: ast.expr, cases: list[ast.match_case], state: State) -> Atoms | None:
        """The values that a ``match`` is about; None where nothing tells them."""
        atoms = self.type_of(node, state)
        if atoms is not None:
            return atoms
        return self._enumeration([case.pattern for case in cases if case.guard is None])

    def _enumeration(self, patterns: list[ast.pattern]) -> Atoms | None:
        """The members of the one enumeration that all patterns name.

        One that another module defines is taken to have no others.
        """
        parts = [p for pattern in patterns for p in _alternatives(pattern)]
        values = [p.value for p in parts if isinstance(p, ast.MatchValue)]
        owners = {self.facts.path(v.value) for v in values if isinstance(v, ast.Attribute)}
        if len(owners) != 1 or len(values) < len(parts):
            return None
        (path,) = owners
        if self.facts.members(path):
            return of_class(self.facts, path)
        complete = self.facts.lineage(path)[1]
        if self.facts.class_of(path) is not None and complete:
            return None  # a class with constants
        return frozenset(filter(None, (constant(self.facts, value) for value in values)))

    def case(self, pattern: ast.pattern, atoms: Atoms) -> tuple[Atoms, Atoms]:
        """Of ``atoms``, those that a pattern may take and those that it leaves."""
        matches = {atom: self.takes(pattern, atom) for atom in atoms}
        yes = frozenset(a for a, match in matches.items() if match is not Match.NO)
        no = frozenset(tested(a, match) for a, match in matches.items() if match is not Match.YES)
        return yes, no

    def takes(self, pattern: ast.pattern, atom: Atom) -> Match:
        """Whether a pattern takes what ``atom`` stands for."""
        if isinstance(pattern, ast.MatchAs):
            return self.takes(pattern.pattern, atom) if pattern.pattern else Match.YES
        if isinstance(pattern, ast.MatchOr):
            return strongest(self.takes(part, atom) for part in pattern.patterns)
        if isinstance(pattern, ast.MatchSingleton):
            return equals(self.facts, atom, _singleton(pattern))
        if isinstance(pattern, ast.MatchValue):
            value = self._constant(pattern.value)
            return Match.MAYBE if value is None else equals(self.facts, atom, value)
        if isinstance(pattern, ast.MatchClass):
            return self._takes_class(pattern, atom)
        if isinstance(pattern, ast.MatchSequence):
            return self._takes_sequence(pattern, atom)
        is_mapping = isinstance(pattern, ast.MatchMapping) and not pattern.keys
        return Match.YES if is_mapping and atom.name in _MAPPINGS else Match.MAYBE

    def _takes_class(self, pattern: ast.MatchClass, atom: Atom) -> Match:
        found = strongest(
            is_instance(self.facts, atom, path) for path in self._classes(pattern.cls, 0)
        )
        inner = [*pattern.patterns, *pattern.kwd_patterns]
        if found is Match.YES and not all(_takes_all(part) for part in inner):
            return Match.MAYBE
        return found

    def _takes_sequence(self, pattern: ast.MatchSequence, atom: Atom) -> Match:
        parts = pattern.patterns
        star = next((i for i, p in enumerate(parts) if isinstance(p, ast.MatchStar)), None)
        if atom.kind != "tuple":
            if atom.kind in ("none", "value", "member") or atom.name in ("builtins.str",):
                return Match.NO if not atom.name.startswith(":") else Match.MAYBE
            whole = star is not None and len(parts) == 1 and atom.name in _SEQUENCES
            return Match.YES if whole else Match.MAYBE
        count = len(atom.parts)
        if (star is None and len(parts) != count) or (star is not None and len(parts) - 1 > count):
            return Match.NO
        if star is not None:
            wild = [ast.MatchAs()] * (count - len(parts) + 1)
            parts = [*parts[:star], *wild, *parts[star + 1 :]]
        found = {self.takes(p, a) for p, a in zip(parts, atom.parts, strict=True)}
        if Match.NO in found:
            return Match.NO
        return Match.YES if found <= {Match.YES} else Match.MAYBE


def key_of(node: ast.expr) -> str:
    """The path by which a name or an attribute is known; empty for anything else."""
    if isinstance(node, ast.NamedExpr):
        return node.target.id
    text = dotted(node) if isinstance(node, ast.Name | ast.Attribute) else ""
    return text if all(map(str.isidentifier, text.split("."))) else ""


def strongest(matches: Iterable[Match]) -> Match:
    """What several tests of which one must hold say of an atom together."""
    found = list(matches)
    for match in (Match.YES, Match.DOUBT):
        if match in found:
            return match
    if found.count(Match.OPEN) > 1:
        return Match.DOUBT
    for match in (Match.OPEN, Match.MAYBE):
        if match in found:
            return match
    return Match.NO


def lengths_taken(cases: list[ast.match_case]) -> bool:
    """Whether sequence patterns take a sequence of every length: ``[]`` and ``[first, *rest]``."""
    exact: set[int] = set()
    least: set[int] = set()
    for case in cases:
        for pattern in _alternatives(case.pattern) if case.guard is None else ():
            if not isinstance(pattern, ast.MatchSequence):
                continue
            stars = [p for p in pattern.patterns if isinstance(p, ast.MatchStar)]
            others = [p for p in pattern.patterns if not isinstance(p, ast.MatchStar)]
            if all(_takes_all(part) for part in others):
                (least if stars else exact).add(len(others))
    return any(set(range(start)) <= exact for start in least)


def is_sequence(atom: Atom) -> bool:
    """Whether sequence patterns see only the length of what ``atom`` stands for."""
    return atom.kind == "class" and atom.name in _SEQUENCES


def takes_everything(pattern: ast.pattern) -> bool:
    """Whether a pattern takes whatever comes."""
    return any(_takes_all(part) for part in _alternatives(pattern))


def _takes_all(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and (
        pattern.pattern is None or _takes_all(pattern.pattern)
    )


def _alternatives(pattern: ast.pattern) -> list[ast.pattern]:
    if isinstance(pattern, ast.MatchOr):
        return [part for p in pattern.patterns for part in _alternatives(p)]
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return _alternatives(pattern.pattern)
    return [pattern]


def _singleton(pattern: ast.MatchSingleton) -> Atom:
    if pattern.value is None:
        return NONE
    return TRUE if pattern.value else FALSE


def _is_one_class(atoms: Atoms) -> bool:
    """Whether an annotation names one class; ``float`` stands for int, too."""
    return len(atoms) == 1 and next(iter(atoms)).kind == "class" and atoms.isdisjoint(_NUMBERS)


def _has_length(atom: Atom, length: Atom) -> Match:
    if atom.kind != "tuple":
        return Match.NO if atom.kind == "none" else Match.MAYBE
    return Match.YES if str(len(atom.parts)) == length.value else Match.NO


def _is_callable(atom: Atom) -> Match:
    if atom.name in ("typing.Callable", "builtins.type"):
        return Match.YES
    return Match.NO if atom.kind in ("none", "value") or atom == ANY else Match.MAYBE


def _names_class(path: str) -> bool:
    """Whether a path is that of one class, by the spelling of names."""
    name = path.rpartition(".")[2].lstrip(":?_")
    if path.startswith(("builtins.", ":", "collections.abc.")):
        return True
    return name[:1].isupper() and (len(name) == 1 or not name.isupper())


def _of(path: str, name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name(path[1:]), name)
