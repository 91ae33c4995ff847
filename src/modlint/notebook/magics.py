"""IPython's own lines in the code cells of a notebook: ``%magic``, ``!command``, ``name?``.

They are no Python, so they are read as statements that do nothing, with the line itself
in a comment behind; in the file they stay as they are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import NamedTuple

from modlint.notebook.cell import Cell, CellKind

#: A line that is longer is no command that anybody wrote.
_LONGEST_LINE = 10_000
#: What a line is masked with; the line itself stands behind it.
_MASK = "# ipython: "
_MASKED = re.compile(rf"^([ \t]*+)(?:[^\n#]*  )?{_MASK}(.*)$", re.M)
_CANDIDATE = re.compile(r"^[ \t]*(?:%|!|\?)|\?[ \t]*$|=[ \t]*(?:%|!)", re.M)
_CELL_MAGIC = re.compile(r"%%(\w+)")
_LINE = re.compile(
    r"[ \t]*+(?:"
    r"%{1,2}[a-zA-Z_]|!|\?{1,2}[\w.*%]"  # %magic, !command, ?name
    r"|%{0,2}[\w.*\[\]]+\?{1,2}[ \t]*(?:#.*)?$"  # name?
    r"|(?P<names>[\w.,\[\]](?:[\w., \t\[\]]*[\w.,\[\]])?)[ \t]*="
    r"[ \t]*(?:!|%[a-zA-Z_])"  # files = !ls
    r")"
)
#: Cell magics whose cell is Python all the same (IPython 8).
_PYTHON_MAGICS = frozenset(("capture", "prun", "time", "timeit", "debug", "python", "python3"))
#: Cell magics of IPython whose cell is no Python: they bind what their own line names.
_FOREIGN_MAGICS = frozenset(
    "! HTML SVG bash cmd file html javascript js latex markdown perl pypy python2 ruby script sh"
    " svg sx system writefile".split()
)
#: Line magics that run Python in the notebook's own namespace.
_RUN_CODE = frozenset(("memit", "prun", "time"))
#: The line magics and the aliases of IPython 8 and 9 and of ipykernel (not those of Windows alone):
#: a cell of one line may call them without the sign (``automagic``).
AUTOMAGICS = frozenset(
    """
    alias alias_magic autoawait autocall automagic autosave bookmark cat cd clear code_wrap colors
    conda config connect_info cp debug dhist dirs doctest_mode ed edit env gui hist history
    killbgscripts ldir less lf lk ll load load_ext loadpy logoff logon logstart logstate logstop ls
    lsmagic lx macro magic mamba man matplotlib micromamba mkdir more mv notebook page pastebin pdb
    pdef pdoc pfile pinfo pinfo2 pip popd pprint precision prun psearch psource pushd pwd pycat
    pylab qtconsole quickref recall rehashx reload_ext rep rerun reset reset_selective rm rmdir run
    save sc set_env subshell sx system tb time timeit unalias unload_ext uv who who_ls whos xdel
    xmode
    """.split()
)
_FIRST_WORD = re.compile(r"[ \t]*([A-Za-z_]\w*)(?![\w.*])[ \t]*+(?![=,])")
_MAGIC_LINE = re.compile(r"\s*%%(\w+|!)[ \t]*(.*)")
#: How jupytext has a cell magic in a percent file.
_PERCENT_MAGIC_LINE = re.compile(r"\s*(?:# |#)?%%([A-Za-z_]\w*)(?![\w=\[{:])[ \t]*(.*)")
#: Options of ``%timeit`` and its like, before the statement.
_OPTIONS = re.compile(r"(?:-[nrpvlsT][ \t]*[\w.]+[ \t]+|-[a-zA-Z]+(?:[ \t]+|$))*")
_TOKEN = re.compile(
    r"#[^\n]*|(?P<quote>'''|\"\"\"|'|\")|(?P<open>[(\[{])|(?P<close>[)\]}])|\\\r?\n|(?P<end>\n)"
)


class CellMagic(NamedTuple):
    """The cell magic under which a cell's code runs: ``%%name arguments``.

    ``is_python``: the cell is Python all the same; ``is_known``: the magic is one of IPython's.
    """

    name: str
    arguments: str

    @property
    def is_python(self) -> bool:
        """Whether the text below the magic is Python that runs in the notebook."""
        return self.name in _PYTHON_MAGICS

    @property
    def is_known(self) -> bool:
        """Whether the magic is IPython's own: of another nobody knows what it makes of its cell."""
        return self.name in _PYTHON_MAGICS or self.name in _FOREIGN_MAGICS

    @property
    def names(self) -> set[str]:
        """The names that the magic's own line binds, for its cell or for the notebook."""
        if self.name in ("timeit", "prun"):
            return _names_bound(_without_options(self.arguments))
        return set(re.findall(r"(?<![\w./-])[A-Za-z_]\w*(?![\w./])", self.arguments))


def cell_magic(cell: Cell) -> CellMagic | None:
    """The cell magic of a code cell, as it is in the notebook; None where it has none.

    In a percent file it is a comment on the first line, or jupytext's own ``language="bash"``.
    """
    if cell.kind is not CellKind.CODE:
        return None
    language = cell.metadata.get("language")
    if cell.origin is None and isinstance(language, str):
        return CellMagic(language, str(cell.metadata.get("magic_args", "")))
    if "%%" not in cell.source:
        return None
    first = cell.source.lstrip().partition("\n")[0]
    line = _MAGIC_LINE if cell.origin is not None else _PERCENT_MAGIC_LINE
    found = line.match(unmasked(first))
    return CellMagic(found[1], found[2].strip()) if found else None


def has_cell_magic(cell: Cell) -> bool:
    """Whether a cell magic gets the text of the cell: no fix may rewrite what stands below it."""
    return cell_magic(cell) is not None


def automagic(source: str) -> str | None:
    """The magic that a cell of one line calls without its sign, if IPython finds no such variable.

    IPython asks before it asks whether the line is Python: ``ls`` and ``time f()`` are magics,
    ``ls = 1`` and ``time.sleep(1)`` are not.
    """
    line = source.lstrip("\n\r")
    if len(line) > _LONGEST_LINE or len(line.splitlines()) != 1 or line.rstrip().endswith("?"):
        return None
    found = _FIRST_WORD.match(line)
    return found[1] if found and found[1] in AUTOMAGICS else None


def masked(source: str, is_bound: Callable[[str], bool] = lambda name: False) -> str:
    """``source`` with IPython's lines made statements of Python, line for line.

    ``is_bound`` tells whether the cells above bind a name, which no magic can have then.
    A text that is Python as it stands is left alone, and so is one that holds the
    mask already.
    """
    name = automagic(source)
    if name is not None and _MASK not in source and not is_bound(name):
        body = source.lstrip("\r\n")
        # IPython takes the indentation off, which stands in the comment therefore.
        blank = source[: len(source) - len(body)]
        return f"{blank}{_stand_in(body.lstrip(), name)}  {_MASK}{body}"
    if not _CANDIDATE.search(source) or _MASK in source or _is_python(source):
        return source
    magic = _CELL_MAGIC.match(source.lstrip())
    if magic and magic.group(1) not in _PYTHON_MAGICS:
        return "".join(_commented(line) for line in source.splitlines(keepends=True))
    lines = source.split("\n")
    for number in _statement_starts(source):
        index = number
        if not _LINE.match(lines[index]):
            continue
        lines[index] = _mask(lines[index], opens=not "".join(lines[:index]).strip())
        while lines[index].rstrip("\r").endswith("\\") and index + 1 < len(lines):
            index += 1
            lines[index] = _commented(lines[index])
    return "\n".join(lines)


def unmasked(source: str) -> str:
    """``source`` with IPython's lines as they were."""
    return _MASKED.sub(r"\1\2", source) if _MASK in source else source


def is_masked(line: str) -> bool:
    """Whether the line stands for one of IPython's."""
    return _MASK in line


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _mask(line: str, opens: bool) -> str:
    """The line as Python; ``opens`` tells whether it is the first that is not blank."""
    body = line.lstrip(" \t")
    indent = line[: len(line) - len(body)]
    found = _LINE.match(line)
    names = found.group("names") if found else None
    if opens and body.startswith("%%"):
        return f"{indent}{_MASK}{body}"
    if names and names.strip():
        return f"{indent}{names.strip()} = None  {_MASK}{body}"
    magic = re.match(r"%(\w+)", body)
    return f"{indent}{_stand_in(body[1:], magic[1] if magic else '')}  {_MASK}{body}"


def _stand_in(command: str, magic: str) -> str:
    """The statement that stands for a line magic: it binds what ``%time x = f()`` binds."""
    code = _without_options(command.removeprefix(magic).strip()) if magic in _RUN_CODE else ""
    names = sorted(_names_bound(code))
    return " = ".join([*names, "None"]) if names else "pass"


def _without_options(arguments: str) -> str:
    """What stands behind the options of a magic."""
    options = _OPTIONS.match(arguments)
    return arguments[options.end() :] if options else arguments


def _names_bound(code: str) -> set[str]:
    """The names that a line of Python binds; none where it is no Python."""
    try:
        return names_bound(ast.parse(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def names_bound(tree: ast.Module) -> set[str]:
    """The names that run-time code of a module binds, functions and classes not looked into."""
    found: set[str] = set()
    nodes: list[ast.AST] = [*tree.body]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif not isinstance(node, ast.Lambda):
            nodes += ast.iter_child_nodes(node)
    return found


def _commented(line: str) -> str:
    body = line.lstrip(" \t")
    return f"{line[: len(line) - len(body)]}{_MASK}{body}" if body.strip() else line


def _statement_starts(source: str) -> list[int]:
    """The 0-based numbers of the lines that begin outside brackets, strings and continuations.

    IPython's lines are stepped over whole: an apostrophe in a shell command opens
    no string.
    """
    starts: list[int] = []
    line, at, depth = 0, 0, 0
    while at <= len(source):
        end = source.find("\n", at)
        end = len(source) if end < 0 else end
        if depth == 0:
            starts.append(line)
            if _LINE.match(source[at:end]):
                while source[at:end].rstrip("\r").endswith("\\") and end < len(source):
                    at, line = end + 1, line + 1
                    end = source.find("\n", at)
                    end = len(source) if end < 0 else end
                at, line = end + 1, line + 1
                continue
        stop, depth = _logical_end(source, at, depth)
        line += source.count("\n", at, stop)
        at = stop if stop > at else len(source) + 1
    return starts


def _logical_end(source: str, at: int, depth: int) -> tuple[int, int]:
    """Where the line that begins at ``at`` ends, strings and continuations in it included."""
    while found := _TOKEN.search(source, at):
        at = found.end()
        if quote := found.group("quote"):
            at = _string_end(source, at, quote)
        elif found.group("open"):
            depth += 1
        elif found.group("close"):
            depth = max(0, depth - 1)
        elif found.group("end"):
            return at, depth
    return len(source) + 1, depth


def _string_end(source: str, at: int, quote: str) -> int:
    ending = (
        re.compile(rf"(?:\\.|[^\\])*?{quote}", re.S)
        if len(quote) == 3
        else re.compile(rf"(?:\\.|[^\\\n])*?(?:{quote}|(?=\n))", re.S)
    )
    found = ending.match(source, at)
    return found.end() if found else len(source)
