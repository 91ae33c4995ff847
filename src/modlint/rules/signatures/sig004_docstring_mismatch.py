"""SIG004: a docstring that contradicts the signature below which it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from modlint.analysis.docstrings import DocSection, docstring_node, sections_of
from modlint.analysis.facts import facts_of
from modlint.analysis.module import Module
from modlint.analysis.signatures import Function, functions_of
from modlint.analysis.types import accepts, is_none, known_type, last_name, members
from modlint.diagnostics import Diagnostic, Position, Severity
from modlint.rules.base import ModuleRule, cell_at

_PARAMETERS = frozenset({"args", "arguments", "parameters", "params"})
_RESULTS = frozenset({"returns", "return"})
#: ``name``, ``*name``, ``name (type)`` and ``name, other : type`` before the colon.
_ENTRY = re.compile(r"(?P<names>\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?:\((?P<kind>.*)\))?\s*:(?!:)")
#: A default, told in words, with a literal that ends where the word ends.
_DEFAULT = re.compile(
    r"\bdefault(?:s to|s?\s*[:=]|\s+is)\s*[`'\"]{0,2}"
    r"(?P<value>-?\d+(?:\.\d+)?(?:e-?\d+)?|True|False|None)\b(?!\.\d|[\w*/^]|\s*%)",
    re.IGNORECASE,
)
#: What a docstring with such a section holds.
_WORD = re.compile("arg|param|return", re.IGNORECASE)
_NOTHING = re.compile(r"\W*(?:none|nothing|no value|n/?a|-)\b", re.IGNORECASE)
_FIRST = re.compile(r"\s*(?P<kind>[\w.]+(?:\[.*\])?)\s*:(?:\s|$)")


class _Line(NamedTuple):
    """One line of a section, with its place in the file."""

    row: int
    indent: int
    text: str


class DocstringMismatch(ModuleRule):
    """A parameter that is not there, another type or default, a result where there is none."""

    code = "SIG004"
    name = "docstring-mismatch"
    severity = Severity.WARNING

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each line that says what the signature denies."""
        for function in functions_of(module):
            docstring = docstring_node(function.node)
            if docstring is None or not _WORD.search(str(docstring.value)):
                continue
            for section in sections_of(function.unit, function.node):
                if section.name in _PARAMETERS:
                    found = _about_parameters(module, function, section)
                elif section.name in _RESULTS:
                    found = _about_result(module, function, section)
                else:
                    continue
                for line, message in found:
                    start = Position(line.row, line.indent + 1)
                    end = Position(line.row, line.indent + len(line.text.rstrip()) + 1)
                    yield self.diagnostic(cell_at(function.unit, line.row), start, end, message)


def _lines(section: DocSection) -> list[_Line]:
    """The lines that belong to the section: indented more than its heading, or on its line."""
    lines: list[_Line] = []
    for offset, text in enumerate(section.lines[1:], 1):
        stripped = text.strip()
        if not stripped or set(stripped) == {"-"}:
            continue
        indent = len(text) - len(text.lstrip())
        if indent <= section.indent and not _is_numpy(section):
            break
        lines.append(_Line(section.row + offset, indent, stripped))
    return lines


def _is_numpy(section: DocSection) -> bool:
    return len(section.lines) > 1 and set(section.lines[1].strip()) == {"-"}


def _about_parameters(
    module: Module, function: Function, section: DocSection
) -> Iterator[tuple[_Line, str]]:
    """What the lines say of parameters that the signature contradicts."""
    arguments = function.node.args
    parameters = {
        a.arg: a for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    }
    defaults = _defaults(arguments)
    lines = _lines(section)
    outer = min((line.indent for line in lines), default=0)
    for number, line in enumerate(lines):
        entry = _ENTRY.match(line.text) if line.indent == outer else None
        if entry is None:
            continue
        names = [name.strip() for name in entry["names"].split(",")]
        said = [line.text[entry.end() :]]
        for below in lines[number + 1 :]:
            if below.indent == outer:
                break
            said.append(below.text)
        for name in names:
            if name.startswith("*") or name in _collected(arguments):
                continue
            if name not in parameters:
                if arguments.kwarg is None:
                    yield line, _unknown(function, name, parameters, section)
                continue
            why = _other_type(module, entry["kind"] or "", parameters[name].annotation)
            if not why and len(names) == 1:
                why = _other_default(" ".join([entry["kind"] or "", *said]), defaults, name)
            if why:
                yield line, f"the docstring of {function.node.name}() says {name} {why}"


def _collected(arguments: ast.arguments) -> set[str]:
    return {a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None}


def _unknown(
    function: Function, name: str, parameters: dict[str, ast.arg], section: DocSection
) -> str:
    from difflib import get_close_matches

    words = set(re.findall(r"\w+", "\n".join(section.lines)))
    near = get_close_matches(name, [p for p in parameters if p not in words], 1)
    meant = f"; {near[0]} is meant" if near else ""
    return f"the docstring describes {name}, which {function.node.name}() does not take{meant}"


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr | None]:
    positional = [*arguments.posonlyargs, *arguments.args]
    without = len(positional) - len(arguments.defaults)
    found: dict[str, ast.expr | None] = {
        a.arg: (arguments.defaults[i - without] if i >= without else None)
        for i, a in enumerate(positional)
    }
    found |= {
        a.arg: default
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }
    return found


def _other_default(said: str, defaults: dict[str, ast.expr | None], name: str) -> str:
    """Where the text names a default that is not the one of the signature."""
    found = _DEFAULT.search(said)
    if found is None:
        return ""
    told = ast.literal_eval(found["value"].capitalize())
    default = defaults[name]
    if default is None:
        return f"defaults to {found['value']}, but it has no default"
    try:
        real = ast.literal_eval(default)
    except ValueError:
        return ""
    if real is None or (real == told and isinstance(real, bool) == isinstance(told, bool)):
        return ""  # None stands for what the body chooses
    return f"defaults to {found['value']}, but its default is {ast.unparse(default)}"


def _other_type(module: Module, told: str, annotation: ast.expr | None) -> str:
    """Where both name a type and no value can be of both."""
    told = re.sub(r",?\s*\boptional\b", "", told).strip()
    spoken = _types(module, _parsed(told))
    written = _types(module, annotation)
    if not spoken or not written or annotation is None:
        return ""
    if any(a == b or accepts(a, b) or accepts(b, a) for a in spoken for b in written):
        return ""
    return f"is {told}, but it is annotated {ast.unparse(annotation)}"


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _types(module: Module, annotation: ast.expr | None) -> set[str]:
    """The types that an annotation names, None aside; empty where one of them is not known."""
    if annotation is None:
        return set()
    names = set()
    facts = facts_of(module)
    for part in members(annotation, facts):
        if is_none(part):
            continue
        name = known_type(part, facts)
        if name is None and isinstance(part, ast.Name) and _is_own_class(module, part.id):
            name = part.id
        if name is None:
            return set()
        names.add(name)
    return names


def _is_own_class(module: Module, name: str) -> bool:
    """Whether ``name`` is a class of the course, which no builtin type is a kind of."""
    definitions = module.definitions.get(name, ())
    if name in module.variables:
        return False
    if definitions:
        return all(
            isinstance(d.node, ast.ClassDef) and not any(last_name(base) for base in d.node.bases)
            for d in definitions
        )
    return name[:1].isupper() and not name.isupper() and module.is_first_party(name)


def _about_result(
    module: Module, function: Function, section: DocSection
) -> Iterator[tuple[_Line, str]]:
    """What the lines say of a result that the signature, or the body, denies."""
    heading = _Line(section.row, section.indent, f"{section.name}:")
    lines = _lines(section)
    text = section.lines[0].strip() or (lines[0].text if lines else "")
    if not text or _NOTHING.match(text):
        return
    name = function.node.name
    if _gives_nothing(function):
        yield heading, f"the docstring says what {name}() returns, but it returns None"
        return
    first = lines[0] if lines and not section.lines[0].strip() else None
    kind = _FIRST.match(text)
    why = _other_type(module, kind["kind"], function.annotation) if kind else ""
    if why:
        yield first or heading, f"the docstring says the result of {name}() {why}"


def _gives_nothing(function: Function) -> bool:
    annotation = function.annotation
    if annotation is None:
        return function.returns.never_gives_value
    return all(is_none(part) for part in members(annotation)) and not function.returns.gives_value
