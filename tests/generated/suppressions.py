"""Suppressions at any place of a module: of use, of no use, of rules that do not exist, of all."""

from __future__ import annotations

from hypothesis import strategies as st

from generated.statements import logical_starts

#: What is named in the brackets; nothing: all is suppressed, what comes later too.
_CODES = ("",) * 8 + (
    "[IMP001]",
    "[IMP002]",
    "[IMP002, IMP004]",
    "[IMP001, IMP002, IMP003, IMP004, IMP005]",
    "[imp004]",
    "[NBG001]",
    "[SIG002, CEL006]",
    "[E501]",
    "[]",
)
_REASONS = ("", "", " as the lesson says é", " because  # noqa: E501")
_WORDS = ("ignore",) * 6 + ("ignore-cell", "ignore-file", "ignored")


@st.composite
def suppressed(draw: st.DrawFn, text: str) -> str:
    """``text``, in one of a few modules with suppressions."""
    if draw(st.integers(0, 3)):
        return text
    lines = text.split("\n")
    starts = logical_starts(text)
    places = [n for n in starts if (line := lines[n - 1]).strip() and not line.startswith("#")]
    acting = [n for n in places if lines[n - 1].startswith(("print(", "test_", "    def "))]
    for _ in range(draw(st.integers(1, 3))):
        if not places:
            break
        likely = bool(acting) and draw(st.booleans())
        number = draw(st.sampled_from(acting if likely else places))
        line = lines[number - 1]
        word = draw(st.sampled_from(_WORDS))
        said = draw(st.sampled_from(_CODES)) + draw(st.sampled_from(_REASONS))
        comment = f"# modlint: {word}{said}"
        indent = line[: len(line) - len(line.lstrip())]
        if word in ("ignore-cell", "ignore-file") or draw(st.booleans()):
            lines[number - 1] = f"{indent}{comment}\n{line}"
        elif "#" not in line and line.endswith((")", ":", "]")) and line.count("'") % 2 == 0:
            lines[number - 1] = f"{line}  {comment}"
        places = [n for n in places if n != number]
        acting = [n for n in acting if n != number]
    return "\n".join(lines)
