"""CEL005: a jupytext header that jupytext does not read, or that makes it read another format."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from modlint.analysis.module import Module
from modlint.diagnostics import Applicability, Change, Diagnostic, Fix, Patch, Position, Severity
from modlint.notebook.cell import ModuleFile, editor_lines, line_ending
from modlint.notebook.header import (
    FORMATS,
    Header,
    format_of,
    guessed,
    header_at,
    header_of,
)
from modlint.notebook.marker import parse_marker
from modlint.notebook.percent import open_string, read_text
from modlint.notebook.uncommented import Taken
from modlint.rules.base import ModuleRule
from modlint.rules.cells._commands import found_in, is_meant

_CODING = re.compile(r"([ \t\f]*#.*?coding[:=][ \t]*)([-_.a-zA-Z0-9]+)")
#: A line that can stand in a header: indented below a key, or the key itself.
_HEADER_TEXT = re.compile(r"#(?:\s*$| [ \t]| ?jupyter\s*:)")
_NAME = re.compile(r"^(#\s+format_name:[ \t]*)(?:[^\r\n]*[^ \t\r\n])?", re.MULTILINE)
_VERSION = re.compile(r"^(#\s+format_version:[ \t]*)((?:[^\r\n]*[^ \t\r\n])?)", re.MULTILINE)
_LIGHT_MARKER = re.compile(r"^# \+", re.MULTILINE)
_VERSIONS = ("1.1", "1.2", "1.3")


class HeaderRule(ModuleRule):
    """A header that is not first, not closed, no YAML, or of another format than percent."""

    code = "CEL005"
    name = "header"
    severity = Severity.ERROR
    checks = ("jupytext-header",)

    def check(self, module: Module) -> Iterator[Diagnostic]:
        """One diagnostic for each header that is not read as it was meant."""
        file = module.file
        if file.store is not None:
            return
        yield from self._byte_order_mark(file)
        yield from self._coding(file)
        header = header_of(file)
        yield from self._misplaced(file, header)
        if header is None:
            yield from self._guessed(module)
        elif header.problem is not None:
            row = _row_of(file) + header.problem.row
            message = f"jupytext stops at this header: {header.problem.message}"
            yield self._at(file, row, message)
        else:
            yield from self._swallowing(file, header)
            yield from self._format(file, header)

    def _at(self, file: ModuleFile, row: int, message: str, fix: Fix | None = None) -> Diagnostic:
        """A diagnostic about one line of the file."""
        line = editor_lines(file.text)[row - 1].rstrip("\r\n")
        cells = [index for index, cell in enumerate(file.cells) if cell.marker_row <= row]
        index = cells[-1] if cells else 0
        return self.diagnostic(index, Position(row), Position(row, len(line) + 1), message, fix)

    def _byte_order_mark(self, file: ModuleFile) -> Iterator[Diagnostic]:
        """A mark before the first line, which Python skips and jupytext takes for text."""
        if not file.is_notebook or file.encoding != "utf-8-sig":
            return
        first = file.text.partition("\n")[0].rstrip("\r")
        what = "the notebook's first cell begins with it, a SyntaxError"
        if header_of(file) is not None:
            what = "the header is not read"
        elif parse_marker(first) is not None:
            what = "the first marker begins no cell, its type and metadata are lost"
        message = f"a byte order mark stands before this line: to jupytext it is text, so {what}"
        yield self._at(file, 1, f"{message}; save the file as UTF-8 without the mark")

    def _coding(self, file: ModuleFile) -> Iterator[Diagnostic]:
        """A coding line in another spelling than ``utf-8``: jupytext reads no such file."""
        lines = editor_lines(file.prefix)[:2] if file.is_notebook else []
        for row, line in enumerate(lines, start=1):
            match = _CODING.match(line)
            if match is None or match[2] == "utf-8":
                continue
            message = f"jupytext refuses this file: it knows the coding `utf-8`, not `{match[2]}`"
            fix = None
            if codecs.lookup(match[2]).name == "utf-8":
                new = f"{match[1]}utf-8{line[match.end() :]}"
                fix = _fix("Write `utf-8`", file, file.text.replace(line, new, 1))
            yield self._at(file, row, message, fix)

    def _misplaced(self, file: ModuleFile, first: Header | None) -> Iterator[Diagnostic]:
        """A header that stands below something else, or that has no end."""
        start = _header_start(file)
        if start is None:
            return
        lines = editor_lines(file.text)
        above = "".join(lines[:start])
        found = header_at(lines, start)
        assert found is not None
        end = start + found.rows
        if not found.rows:
            end = _header_end(lines, start)
        block = "".join(lines[start:end])
        if not found.rows:
            block += f"# ---{line_ending(block)}"
        what = "has no second `# ---`" if not found.rows else "is not at the top of the file"
        if first is not None:
            message = "this is a second header: jupytext reads the first one alone"
            yield self._at(file, start + 1, message)
            return
        message = f"this header {what}: jupytext takes it for code, and its settings are lost"
        moved = header_at(editor_lines(block), 0)
        fix = None
        if moved and moved.problem is None and moved.format_name in ("percent", None):
            above = above[len(file.prefix) :]
            rest = (above if above.strip() else "") + "".join(lines[end:])
            gap = "" if rest[:1] in ("", "\n", "\r") else line_ending(block)
            text = file.prefix + block + gap + rest
            title = "Close the header" if not found.rows else "Put the header at the top"
            fix = _fix(title, file, text)
        yield self._at(file, start + 1, message, fix)

    def _swallowing(self, file: ModuleFile, header: Header) -> Iterator[Diagnostic]:
        """A header that ends at a rule far below, with markers between."""
        lines = editor_lines(file.prefix)
        start = _row_of(file) - 1
        rows = range(start + 1, start + header.rows - 1)
        inside = [at for at in rows if parse_marker(lines[at]) is not None]
        if not inside:
            return
        end = min(_header_end(lines, start), inside[0])
        message = (
            "this header has no `# ---` of its own: jupytext reads on to the next one, "
            f"and the marker on line {inside[0] + 1} begins no cell"
        )
        rule = f"# ---{line_ending(file.prefix)}"
        all_lines = editor_lines(file.text)
        text = "".join([*all_lines[:end], rule, *all_lines[end:]])
        yield self._at(file, start + 1, message, _fix("Close the header", file, text))

    def _format(self, file: ModuleFile, header: Header) -> Iterator[Diagnostic]:
        """A format other than percent, or a version of it that jupytext cannot read."""
        name = format_of(file)
        row = _row_with(file, "format_name:") or _row_with(file, "formats:") or _row_of(file)
        has_markers = any(cell.marker for cell in file.cells)
        if name not in ("percent", "hydrogen") and (has_markers or name not in FORMATS):
            declared = header.format_name
            if declared is not None and declared not in FORMATS:
                message = f"jupytext knows no format `{declared}` and refuses the file"
            else:
                says = f"says `{declared}`" if declared else "names no format"
                message = f"the header {says}: jupytext reads other cells than the markers say"
            yield self._at(file, row, message, _renamed(file, header))
        elif "format_version" in header.representation:
            version = header.representation["format_version"]
            if version not in _VERSIONS:
                row = _row_with(file, "format_version:") or row
                shown = "a number, not a text" if not isinstance(version, str) else f"`{version}`"
                message = f"jupytext cannot open a percent file whose format_version is {shown}"
                fix = None
                if not isinstance(version, str) and str(version) in _VERSIONS:
                    prefix = _VERSION.sub(rf"\g<1>'{version}'", file.prefix)
                    fix = _fix("Quote the version", file, prefix + file.text[len(file.prefix) :])
                yield self._at(file, row, message, fix)

    def _guessed(self, module: Module) -> Iterator[Diagnostic]:
        """No header, and one line that turns the percent file into a hydrogen one.

        That line itself is a syntax error (CEL008) unless it is an indented comment, or
        Python that looks like a command.
        """
        file = module.file
        if not file.is_notebook:
            return
        row = guessed(file.text)[1]
        if row is None or not any(_holds(module, at, row) for at in range(len(module.units))):
            return
        for cell in file.cells:
            for found in found_in(cell):
                kept = found.taken in (Taken.MAGIC, Taken.SHELL, Taken.ASSIGNMENT)
                if kept and found.row != row and is_meant(found, cell, module):
                    message = (
                        "this line makes jupytext read the file as hydrogen, where magics are no "
                        f"comments: `{found.line.strip()}` on line {found.row} stays a comment; "
                        "a header that says `format_name: percent` keeps the format"
                    )
                    yield self._at(file, row, message)
                    return


def _holds(module: Module, at: int, row: int) -> bool:
    """Whether a row stands in a unit that is valid Python."""
    unit = module.units[at]
    if unit.tree is None:
        return False
    return unit.row <= row < unit.row + len(editor_lines(unit.text))


def _row_of(file: ModuleFile) -> int:
    """The row of the header's first rule."""
    return _row_with(file, "---") or 1


def _row_with(file: ModuleFile, text: str) -> int | None:
    """The first row above all cells that says this."""
    for row, line in enumerate(editor_lines(file.prefix), start=1):
        if line.startswith("#") and line.lstrip("# ").startswith(text):
            return row
    return None


def _header_start(file: ModuleFile) -> int | None:
    """The 0-based line of the file where a header begins that is not the file's header."""
    if not file.cells or "jupyter" not in file.cells[0].source:
        return None
    cell = file.cells[0]
    quote: str | None = None
    lines = editor_lines(cell.source)
    for at, line in enumerate(lines):
        if quote is None and line.startswith("#") and header_at(lines, at) is not None:
            return cell.row - 1 + at
        quote = open_string(line, quote)
    return None


def _header_end(lines: list[str], start: int) -> int:
    """The line below the last one that can belong to a header that has no end."""
    for at in range(start + 1, len(lines)):
        line = lines[at].rstrip("\r\n")
        if not _HEADER_TEXT.match(line) or parse_marker(line) is not None:
            return at
    return len(lines)


def _renamed(file: ModuleFile, header: Header) -> Fix | None:
    """The header with the name and the version of the percent format, where the cells are percent.

    None where markers of the light format stand in the file too.
    """
    text = file.text
    has_markers = any((cell.marker or "").startswith("#") for cell in file.cells)
    if not has_markers or _LIGHT_MARKER.search(text) or not _NAME.search(file.prefix):
        return None
    prefix = _NAME.sub(r"\g<1>percent", file.prefix)
    if header.representation.get("format_version") not in _VERSIONS:
        prefix = _VERSION.sub(r"\g<1>'1.3'", prefix)
    new = prefix + text[len(file.prefix) :]
    if format_of(read_text(new)) != "percent":  # a header may lack more than the name
        return None
    return _fix("Write `format_name: percent`", file, new)


def _fix(title: str, file: ModuleFile, text: str) -> Fix | None:
    """A fix that makes ``text`` of the file; None where more than the first cell would change."""
    new = read_text(text)
    rest = file.cells[1:]
    count = len(new.cells) - len(rest)
    kept = [(c.kind, c.marker, c.source) for c in rest]
    if count < 0 or [(c.kind, c.marker, c.source) for c in new.cells[count:]] != kept:
        return None
    first = new.cells[:count]
    if [(c.marker, c.source) for c in first] == [(c.marker, c.source) for c in file.cells[:1]]:
        return Fix(Applicability.SAFE, title, lambda: Patch({}, header=new.prefix), Change.HEADER)
    if not file.cells:
        return None

    def rewrite() -> Patch:
        return Patch({0: first}, header=new.prefix)

    return Fix(Applicability.SAFE, title, rewrite, Change.HEADER)
