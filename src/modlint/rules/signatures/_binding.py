"""Whether a call fits the parameters it meets (Language Reference, section 6.3.4)."""

from __future__ import annotations

import ast


def misfit(arguments: ast.arguments, call: ast.Call, *, bound: int = 0) -> str:
    """Why Python would refuse ``call``, as the end of a sentence; empty where it may fit.

    ``bound`` is how many of the first parameters are given already: 1 for ``self``. What
    ``*values`` and ``**options`` bring is not known: they may fill what is missing.
    """
    positional = [*arguments.posonlyargs, *arguments.args]
    most = len(positional) - bound
    is_plain = not (call.keywords or arguments.kwonlyargs)
    if is_plain and most - len(arguments.defaults) <= len(call.args) <= most:
        return ""  # as most calls do
    if bound > len(positional):
        return ""  # `self` goes to `*args`, or the definition itself is at fault
    optional = {a.arg for a in positional[len(positional) - len(arguments.defaults) :]}
    by_position = [a.arg for a in positional[bound:]]
    by_name = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}
    by_name -= {a.arg for a in positional[:bound]}
    given = [value for value in call.args if not isinstance(value, ast.Starred)]
    named = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    unknown_many = len(given) < len(call.args) or len(named) < len(call.keywords)

    if len(given) > len(by_position) and arguments.vararg is None:
        least = sum(name not in optional for name in by_position)
        return f"takes {_count(least, len(by_position))}, not {len(given)}"
    for name in named:
        if name not in by_name and arguments.kwarg is None:
            return f"is called with {name!r}, which it does not take"
    first = by_position[: _leading(call)]
    for name in named:
        if name in first and name in by_name:
            return f"is given {name!r} twice"
    if unknown_many:
        return ""
    missing = [name for name in by_position[len(given) :] if name not in {*named, *optional}]
    missing += [
        a.arg
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is None and a.arg not in named
    ]
    return f"is called without {', '.join(map(repr, missing))}" if missing else ""


def _leading(call: ast.Call) -> int:
    """How many arguments surely stand at their own position: those before a ``*values``."""
    for position, value in enumerate(call.args):
        if isinstance(value, ast.Starred):
            return position
    return len(call.args)


def _count(least: int, most: int) -> str:
    if most == 0:
        return "no positional arguments"
    several = "s" if most > 1 else ""
    return f"{most if least == most else f'{least} to {most}'} positional argument{several}"
