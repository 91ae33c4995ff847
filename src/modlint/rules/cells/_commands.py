"""What the CEL rules share about lines that jupytext un-comments: which of them were meant."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from typing import NamedTuple

from modlint.analysis.module import Module
from modlint.analysis.parsing import SyntaxProblem, parse
from modlint.notebook.cell import Cell, CellKind
from modlint.notebook.repair import glued_marker
from modlint.notebook.uncommented import COMMAND_WORDS, Taken, uncommented_in

#: Magics of IPython 9, and of the extensions that courses load.
_MAGICS = frozenset(
    """
    alias alias_magic autoawait autocall automagic autosave bookmark cat cd clear code_wrap colors
    conda config connect_info cp debug dhist dirs doctest_mode ed edit env gui hist history
    killbgscripts ldir less lf lk ll load load_ext loadpy logoff logon logstart logstate logstop ls
    lsmagic lx macro magic mamba man matplotlib micromamba mkdir more mv notebook page pastebin pdb
    pdef pdoc pfile pinfo pinfo2 pip popd pprint precision prun psearch psource pushd pwd pycat
    pylab quickref recall rehashx reload_ext rep rerun reset reset_selective rm rmdir run save sc
    set_env store subshell sx system tb time timeit unalias unload_ext uv who who_ls whos xdel xmode
    HTML SVG bash capture cmd file html javascript js latex markdown perl pypy python python2
    python3 ruby script sh svg writefile
    R aimport autoreload cython julia lprun memit mprun nbdev_export pyinstrument reload_kedro
    scalene skip snakeviz sql tensorboard wandb watermark
    """.split()
)
#: Magics whose argument is Python: where it is not, the line is prose.
_TAKE_CODE = frozenset(("lprun", "memit", "prun", "time", "timeit"))
#: Programs that notebooks call.
_PROGRAMS = COMMAND_WORDS - {"copy", "ddir", "ldir", "ren"} | frozenset(
    """
    apt apt-get awk bash brew bzip2 chmod cmake conda curl date df docker du env export ffmpeg file
    find free gcc gdown git grep gunzip head huggingface-cli jupyter jupytext kaggle kill ln lscpu
    make mamba nbdev_export nbdev-export nbgrader nohup node nproc npm nvcc nvidia-smi open pip pip3
    ps pwd pytest python python3 sed sh sleep source ssh sudo tail tar tee tito top torchrun touch
    tree unzip uname uv wc wget which zip
    """.split()
)
_MAGIC_LINE = re.compile(r"\s*(?P<sign>%{1,3})(?P<name>\w+)(?P<rest>.*)")
_SHELL_LINE = re.compile(r"\s*!\s*(?P<program>[\w.~$/{}\\-]+)(?P<rest>.*)")
_HELP_LINE = re.compile(r"\?{0,2}(?P<name>[A-Za-z_]\w*)(?:\.\w+)*\?{0,2}\s*$")
#: An option or a path, as they stand in no prose.
_ARGUMENT = re.compile(r"--?\w|[~/$.*]|.*[/*]|\S+\.\w+$")
#: Words of prose, which no command line holds.
_PROSE = frozenset(
    "a all an and as by each for from if in into is it its of on one or out that the them this to"
    " was we what which with you".split()
)
#: The command words that are no words of English.
_NO_ENGLISH = frozenset(("cd", "cp", "ldir", "ls", "mkdir", "mv", "rm", "rmdir"))


class Found(NamedTuple):
    """One un-commented line: its 0-based place among the ``str.splitlines`` of the cell."""

    number: int
    row: int
    line: str
    taken: Taken
    becomes: str


def found_in(cell: Cell) -> Iterator[Found]:
    """The lines of a cell that say something else in the notebook than in the file."""
    if cell.kind is CellKind.RAW or "#" not in cell.source:
        return
    if cell.kind is CellKind.MARKDOWN and not cell.source.lstrip().startswith("#"):
        return  # a string, which jupytext leaves alone
    changes = uncommented_in(cell.source)
    if not changes or _is_for_others(cell):
        return
    lines = cell.source.splitlines()
    rows = _rows(cell)
    for number, (taken, new) in changes.items():
        is_comment_still = new.lstrip().startswith("#")
        # Prose loses one "#" anyway; a heading that loses two is a heading no longer.
        if is_comment_still is (cell.kind is CellKind.MARKDOWN) and taken is not Taken.CONTINUED:
            yield Found(number, rows[number], lines[number], taken, new)


def _rows(cell: Cell) -> list[int]:
    """The row of each line: a form feed ends a line and no row."""
    rows, row = [], cell.row
    for line in cell.source.splitlines(keepends=True):
        rows.append(row)
        row += line.endswith(("\n", "\r"))
    return rows


def _is_for_others(cell: Cell) -> bool:
    """Whether the cell is for scripts only or in another language: all of it is un-commented."""
    metadata = cell.metadata
    if "active" in metadata or "active-" in str(metadata.get("tags")):
        return True
    language = metadata.get("language", "python")
    first = cell.source.lstrip().partition("\n")[0]
    script = re.match(r"#\s*%%(bash|cmd|sh|script|html|js|javascript|writefile|sql)\b", first)
    return language != "python" or script is not None


def is_meant(found: Found, cell: Cell, module: Module) -> bool:
    """Whether the author wrote a command of IPython in the way that jupytext asks for."""
    if cell.kind is CellKind.MARKDOWN:
        return False
    match found.taken:
        case Taken.MAGIC:
            return glued_marker(found.line) or _is_magic(found.becomes, found, cell, module)
        case Taken.SHELL if found.becomes.lstrip().startswith("!"):
            return _is_shell(found.becomes)
        case Taken.SHELL | Taken.QUESTION:
            return _is_help(found.becomes, module)
        case Taken.ASSIGNMENT:
            value = found.becomes.partition("=")[2].strip()
            return _is_shell(value) or _is_magic(value, found, cell, module)
        case _:
            # IPython knows a bare command only in a cell of one line.
            return len(cell.source.strip().splitlines()) == 1 and is_command(found.becomes)


def _is_magic(text: str, found: Found, cell: Cell, module: Module) -> bool:
    match = _MAGIC_LINE.match(text)
    if match is None:
        return False
    name, rest = match["name"], match["rest"]
    above = "".join(cell.source.splitlines()[: found.number])
    if match["sign"] == "%%" and above.strip():
        return False  # works on the first line only
    if name not in _MAGICS:
        return _loads_extensions(module) and not rest[:1].strip()
    if name in _TAKE_CODE:
        code = re.sub(r"^(?:\s+-\w+(?:\s+[\w.]+)?)+(?=\s|$)", "", rest).strip()
        return not isinstance(parse(code), SyntaxProblem)
    return not rest or rest[0].isspace()


def _loads_extensions(module: Module) -> bool:
    """Whether the module loads magics that only their extension knows."""
    return any("%load_ext" in cell.source for cell in module.file.cells)


def _is_shell(text: str) -> bool:
    match = _SHELL_LINE.match(text)
    if match is None or match["program"] != match["program"].lower():
        return False
    program, rest = match["program"], match["rest"]
    if program in _PROGRAMS or program[0] in "./~${\\":
        return True
    return not rest[:1].strip() and any(map(_ARGUMENT.match, rest.split()))


def is_command(text: str) -> bool:
    """Whether a line that begins with a command word is a command, and not prose."""
    word, *arguments = text.split()
    if not _PROSE.isdisjoint(arguments):
        return False
    if any(map(_ARGUMENT.match, arguments)):
        return True
    return word in _NO_ENGLISH and len(arguments) < 3


def _is_help(text: str, module: Module) -> bool:
    """Whether IPython is asked about a name that exists, outside any block."""
    match = _HELP_LINE.match(text)
    if match is None:
        return False
    name = match["name"]
    known = name in module.definitions or name in module.imports or name in module.variables
    return known or hasattr(builtins, name)
