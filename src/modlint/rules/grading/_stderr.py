"""What writes on stderr when it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from modlint.analysis.module import FunctionNode, Module
from modlint.analysis.trees import dotted, walk
from modlint.patterns import matches
from modlint.rules.grading._tests import running

#: Words of which one stands in every text that writes on stderr.
_MAY_WRITE = ("warn", "stderr", "log", "traceback", "tqdm", "trange")
_WARNS = ("warnings.warn", "warnings.warn_explicit", "warn")
#: Functions that write on stderr unless they are given another ``file``.
_WRITES = (
    "traceback.print_exc", "traceback.print_exception", "traceback.print_stack", "tqdm",
    "tqdm.tqdm", "trange", "tqdm.trange",
)  # fmt: skip
_STREAM = ("sys.stderr.write", "sys.stderr.writelines", "stderr.write")
_LOGGERS = ("logging", "logging.getLogger(*)", "*logger", "*LOGGER", "log", "LOG")
#: Without a handler, logging writes what is at least a warning on stderr.
_LOUD = ("warning", "warn", "error", "critical", "fatal", "exception")
_QUIET = ("info", "debug", "log")
#: Context managers that keep warnings, log records or stderr from the cell's output.
_CAUGHT = (
    "*catch_warnings", "*warns", "*deprecated_call", "*assertWarns*", "*assertLogs",
    "*redirect_stderr", "*capture_output",
)  # fmt: skip


def may_write(text: str) -> bool:
    """Whether a text may write on stderr, told at a glance."""
    folded = text.casefold()
    return any(word in folded for word in _MAY_WRITE)


class Output(NamedTuple):
    """What the top level of a module sets up: whether warnings and log records are heard."""

    warns: bool
    levels: tuple[str, ...]

    @classmethod
    def of(cls, module: Module) -> Output:
        """The set-up of ``module`` when its cells run in a kernel."""
        warns, handled = True, False
        levels: tuple[str, ...] = _LOUD
        for unit in module.parsed_units:
            for call in _calls(running(unit.tree.body if unit.tree else [])):
                path, keywords = dotted(call.func), {k.arg for k in call.keywords}
                if matches(path, ("*filterwarnings", "*simplefilter")):
                    warns &= "'ignore'" not in map(ast.unparse, call.args[:1])
                elif path == "logging.basicConfig":
                    handled |= bool(keywords & {"stream", "filename", "handlers"})
                    levels = (*_LOUD, *_QUIET) if "level" in keywords else levels
                elif matches(path, ("*.addHandler", "logging.disable")):
                    handled = True
        return cls(warns, () if handled else levels)


def writes(body: Iterable[ast.AST], output: Output, module: Module) -> Iterator[ast.Call]:
    """The calls in ``body`` that write on stderr while nothing fails."""
    for node in body:
        if isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.With | ast.AsyncWith) and any(
            matches(_callee(item.context_expr), _CAUGHT) for item in node.items
        ):
            continue
        if isinstance(node, ast.Call) and _writes(node, output, module):
            yield node
        for _, part in ast.iter_fields(node):
            if isinstance(part, ast.AST):
                yield from writes([part], output, module)
            elif isinstance(part, list) and not (part and isinstance(part[-1], ast.Raise)):
                yield from writes((p for p in part if isinstance(p, ast.AST)), output, module)


def _calls(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    for node in nodes:
        yield from (part for part in walk(node) if isinstance(part, ast.Call))


def _callee(node: ast.expr) -> str:
    return dotted(node.func if isinstance(node, ast.Call) else node)


def _writes(call: ast.Call, output: Output, module: Module) -> bool:
    path = dotted(call.func)
    file = next((ast.unparse(k.value) for k in call.keywords if k.arg == "file"), None)
    if path in ("print", "pprint"):
        return file in ("sys.stderr", "stderr")
    if path in module.definitions:
        return False
    if matches(path, _WRITES):
        imports = module.imports.get(path.partition(".")[0], [])
        return file in (None, "sys.stderr") and any(
            i.module in ("tqdm", "traceback") for i in imports
        )
    if path in _WARNS:
        return output.warns and (path != "warn" or "warn" in module.imports)
    logger, _, level = path.rpartition(".")
    return path in _STREAM or (level in output.levels and matches(logger, _LOGGERS))
