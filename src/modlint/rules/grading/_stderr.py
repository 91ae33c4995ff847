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
_MAY_WRITE = ("warn", "stderr", "log", "traceback", "tqdm", "trange", "unittest", "testrunner")
_WARNS = ("warnings.warn", "warnings.warn_explicit", "warn")
#: Functions that write on stderr unless they are given another ``file``.
_WRITES = (
    "traceback.print_exc", "traceback.print_exception", "traceback.print_stack", "tqdm",
    "tqdm.tqdm", "trange", "tqdm.trange",
)  # fmt: skip
#: Where ``file`` stands among the arguments of ``tqdm``.
_TQDM_FILE = 4
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
                elif path == "logging.disable":
                    handled = True
                elif matches(path, ("*.addHandler",)):
                    handled |= not any(map(_is_loud_handler, call.args))
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
        if isinstance(node, ast.ExceptHandler) and _only_on_failure(node):
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
    if is_loud_runner(call, module):
        return True
    if matches(path, _WRITES) and not _is_disabled(call):
        if len(call.args) > _TQDM_FILE and "tqdm" in path:
            file = ast.unparse(call.args[_TQDM_FILE])
        imports = module.imports.get(path.partition(".")[0], [])
        return file in (None, "None", "sys.stderr") and any(
            i.module in ("tqdm", "traceback") for i in imports
        )
    if path in _WARNS:
        return output.warns and (path != "warn" or "warn" in module.imports)
    logger, _, level = path.rpartition(".")
    return path in _STREAM or (level in output.levels and matches(logger, _LOGGERS))


def _only_on_failure(handler: ast.ExceptHandler) -> bool:
    """Whether a handler runs where a check has failed, and nowhere else."""
    return handler.type is not None and dotted(handler.type) == "AssertionError"


def _is_loud_handler(handler: ast.expr) -> bool:
    """Whether a handler, made on the spot, writes log records on stderr."""
    if not isinstance(handler, ast.Call) or dotted(handler.func) != "logging.StreamHandler":
        return False
    streams = [*handler.args, *(k.value for k in handler.keywords if k.arg == "stream")]
    return not streams or ast.unparse(streams[0]) in ("sys.stderr", "None")


def _is_disabled(call: ast.Call) -> bool:
    """Whether a bar is not shown: never, or (``None``) not where nobody watches a terminal."""
    return any(
        k.arg == "disable" and not (isinstance(k.value, ast.Constant) and k.value.value is False)
        for k in call.keywords
    )


def is_loud_runner(call: ast.Call, module: Module) -> bool:
    """Whether a call makes, or starts, a runner of unittest that writes on stderr.

    ``unittest.main`` does in any case where it may exit: the kernel writes on stderr then.
    """
    path = dotted(call.func)
    if not any(i.module == "unittest" for i in module.imports.get(path.partition(".")[0], [])):
        return False
    keywords = {k.arg: k.value for k in call.keywords}
    name = path.rpartition(".")[2]
    if name == "TextTestRunner":
        stream = call.args[0] if call.args else keywords.get("stream")
        return stream is None or ast.unparse(stream) in ("sys.stderr", "None")
    if name in ("main", "TestProgram"):
        leaves = keywords.get("exit")
        exits = leaves is None or (isinstance(leaves, ast.Constant) and leaves.value is True)
        runner = keywords.get("testRunner")
        # One that is made on the spot is looked at by itself; a class writes where it likes.
        return exits or runner is None or ast.unparse(runner).endswith("TextTestRunner")
    return False
