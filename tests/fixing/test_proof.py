"""The proof: what it lets through, and every kind of faulty fix that it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modlint.diagnostics import Applicability, Change, Fix, Patch
from modlint.fixing.proof import objection
from modlint.notebook.reading import read

GUARD = 'if __name__ == "__main__":\n'


def _objection(old: str, new: str, change: Change = Change.GUARDS) -> str | None:
    """What the proof says of a fix that makes ``new`` of the only cell ``old``."""
    file = read(f"# %%\n{old}".encode())
    patch = Patch({0: read(f"# %%\n{new}".encode()).cells})
    return objection(file, patch, Fix(Applicability.SAFE, "mend", lambda: patch, change))


HONEST: dict[str, tuple[str, str]] = {
    "guard": ("print(1)\n", GUARD + "    print(1)\n"),
    "guard of some": ("x = 1\nprint(1)\ny = 2\n", f"x = 1\n{GUARD}    print(1)\ny = 2\n"),
    "function": (
        "for i in [1]:\n    print(i)\n",
        f"def demo_x():\n    for i in [1]:\n        print(i)\n\n\n{GUARD}    demo_x()\n",
    ),
    "inside a block": (
        "try:\n    import os\n    print(1)\nexcept ImportError:\n    pass\n",
        f"try:\n    import os\n    {GUARD}        print(1)\nexcept ImportError:\n    pass\n",
    ),
    "comments and strings": (
        "# a\nprint('''b\n  c''')  # d\n",
        f"# a\n{GUARD}    print('''b\n  c''')  # d\n",
    ),
}


@pytest.mark.parametrize(("old", "new"), HONEST.values(), ids=HONEST)
def test_an_honest_fix_passes(old: str, new: str) -> None:
    assert _objection(old, new) is None


CHANGED = "would change a statement that it does not declare"
FAULTY: dict[str, tuple[str, str, str]] = {
    "loses a comment": (
        "# keep\nprint(1)\n",
        GUARD + "    print(1)\n",
        "would lose the comment '# keep'",
    ),
    "changes a comment": (
        "print(1)  # one\n",
        GUARD + "    print(1)  # One\n",
        "would lose the comment '# one'",
    ),
    "loses one of two like comments": (
        "# c\nprint(1)\n# c\n",
        f"# c\n{GUARD}    print(1)\n",
        "would lose the comment '# c'",
    ),
    "changes a string": ("print('a')\n", GUARD + "    print('b')\n", CHANGED),
    "changes how a string is written": (
        "print('a')\n",
        GUARD + '    print("a")\n',
        "would change the text of a string",
    ),
    "indents a string": (
        "print('''a\nb''')\n",
        GUARD + "    print('''a\n    b''')\n",
        CHANGED,
    ),
    "indents an f-string": (
        "n = 1\nprint(f'''a\n{n}''')\n",
        f"n = 1\n{GUARD}    print(f'''a\n    {{n}}''')\n",
        CHANGED,
    ),
    "drops a statement": ("x = 1\nprint(1)\n", GUARD + "    print(1)\n", CHANGED),
    "adds a statement": ("print(1)\n", f"import os\n{GUARD}    print(1)\n", CHANGED),
    "doubles a statement": ("print(1)\n", GUARD + "    print(1)\n    print(1)\n", CHANGED),
    "swaps statements": ("print(1)\nprint(2)\n", GUARD + "    print(2)\n    print(1)\n", CHANGED),
    "renames": ("x = 1\nprint(x)\n", f"y = 1\n{GUARD}    print(y)\n", CHANGED),
    "changes a number": ("print(1)\n", GUARD + "    print(1.0)\n", CHANGED),
    "breaks parsing": (
        "print(1)\n",
        GUARD + "print(1)\n",
        "would leave a cell that does not parse",
    ),
    "breaks compiling": (
        "for i in [1]:\n    if i:\n        continue\nprint(1)\n",
        f"for i in [1]:\n    if i:\n        pass\ncontinue\n{GUARD}    print(1)\n",
        "would leave a cell that does not compile",
    ),
    "a function nobody calls": (
        "for i in [1]:\n    print(i)\n",
        "def demo_x():\n    for i in [1]:\n        print(i)\n",
        CHANGED,
    ),
    "a function called on import": (
        "for i in [1]:\n    print(i)\n",
        "def demo_x():\n    for i in [1]:\n        print(i)\n\ndemo_x()\n",
        CHANGED,
    ),
    "a guard that never runs": (
        "print(1)\n",
        "if __name__ != '__main__':\n    print(1)\n",
        CHANGED,
    ),
    "an else that never ran": (
        "print(1)\n",
        GUARD + "    print(1)\nelse:\n    print(2)\n",
        CHANGED,
    ),
    "a return in the function": (
        "print(1)\nprint(2)\n",
        f"def demo_x():\n    print(1)\n    return\n    print(2)\n\n{GUARD}    demo_x()\n",
        CHANGED,
    ),
    "empties the cell": ("print(1)\n", "", CHANGED),
    "changes a body": (
        "def f():\n    return 1\nprint(1)\n",
        f"def f():\n    return 2\n{GUARD}    print(1)\n",
        CHANGED,
    ),
}


@pytest.mark.parametrize(("old", "new", "why"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_fix_is_stopped(old: str, new: str, why: str) -> None:
    assert _objection(old, new) == why


SLIPS: dict[str, tuple[str, str]] = {
    "an import below its use": (
        "import os\nprint(os.sep)\n",
        f"{GUARD}    print(os.sep)\nimport os\n",
    ),
    "a definition below its call": (
        "def f():\n    return 1\nX = f()\nprint(1)\n",
        f"X = f()\ndef f():\n    return 1\n{GUARD}    print(1)\n",
    ),
    "a guard taken away": (
        GUARD + "    print(1)\nprint(2)\n",
        f"print(1)\n{GUARD}    print(2)\n",
    ),
    "a guard inside a function": (
        "def f():\n    return 1\nprint(1)\n",
        f"def f():\n    {GUARD}        return 1\n{GUARD}    print(1)\n",
    ),
    "a function called twice": (
        "for i in [1]:\n    print(i)\n",
        (
            f"def demo_x():\n    for i in [1]:\n        print(i)\n"
            f"\n{GUARD}    demo_x()\n    demo_x()\n"
        ),
    ),
    "a function called before it stands": (
        "for i in [1]:\n    print(i)\n",
        f"{GUARD}    demo_x()\ndef demo_x():\n    for i in [1]:\n        print(i)\n",
    ),
    "a function with a decorator": (
        "for i in [1]:\n    print(i)\n",
        f"@print\ndef demo_x():\n    for i in [1]:\n        print(i)\n\n{GUARD}    demo_x()\n",
    ),
    "a function with a default": (
        "for i in [1]:\n    print(i)\n",
        f"def demo_x(n=print(1)):\n    for i in [1]:\n        print(i)\n\n{GUARD}    demo_x()\n",
    ),
    "called later than it was": (
        "for i in [1]:\n    print(i)\nprint(2)\n",
        "def demo_x():\n    for i in [1]:\n        print(i)\n\n"
        f"{GUARD}    print(2)\n    demo_x()\n",
    ),
    "a guard with a condition more": (
        "print(1)\n",
        "if __name__ == '__main__' and False:\n    print(1)\n",
    ),
}


@pytest.mark.parametrize(("old", "new"), SLIPS.values(), ids=SLIPS)
def test_a_fix_that_changes_the_order_or_the_guards_is_stopped(old: str, new: str) -> None:
    assert _objection(old, new) is not None


def test_metadata_fixes_may_not_touch_the_text() -> None:
    file = read(b"# %%\nx = 1\n")
    for new, expected in (
        ("x = 2\n", "changes more than metadata"),
        ("x = 1\n", None),
    ):
        patch = Patch({0: (replace(file.cells[0], source=new),)})
        fix = Fix(Applicability.SAFE, "mend", lambda: patch, Change.METADATA)  # noqa: B023
        assert objection(file, patch, fix) == expected


def test_metadata_fixes_may_not_change_the_kind_of_a_cell() -> None:
    file = read(b"# %%\nx = 1\n")
    patch = Patch({0: read(b"# %% [markdown]\nx = 1\n").cells})
    fix = Fix(Applicability.SAFE, "mend", lambda: patch, Change.METADATA)
    assert objection(file, patch, fix) == "changes more than metadata"


def test_marker_fixes_may_not_lose_a_line() -> None:
    file = read(b"# %%\nx = 1\ny = 2\n")
    patch = Patch({0: read(b"# %%\nx = 1\n").cells})
    fix = Fix(Applicability.SAFE, "mend", lambda: patch, Change.MARKER)
    assert objection(file, patch, fix) == "changes more than a marker"


@pytest.mark.parametrize(
    ("old", "new", "passes"),
    [
        ("# copy x\nx = 1\n", "# Copy x\nx = 1\n", True),
        ("# copy x\nx = 1\n", "x = 1\n", False),
        ("# copy x\nx = 1\n", "# Copy x\nx = 2\n", False),
        ("# copy x\nx = '# copy x'\n", "# Copy x\nx = '# Copy x'\n", False),
    ],
)
def test_comment_fixes_may_change_the_words_of_comments_only(
    old: str, new: str, passes: bool
) -> None:
    assert (_objection(old, new, Change.COMMENTS) is None) is passes


HEADER = "# ---\n# jupyter:\n#   a: 1\n# ---\n"
BODY = "# note\nx = 1\ny = 2\n"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (HEADER + "\n" + BODY, None),
        (HEADER + "\n" + BODY.replace("# note\n", ""), "changes more than the header"),
        (HEADER.replace("#   a: 1\n", "") + "\n" + BODY, "changes more than the header"),
        (HEADER + "\n" + BODY.replace("y = 2", "y = 3"), "changes more than the header"),
        (
            HEADER + "\n# note\ny = 2\nx = 1\n",
            "would put lines of code in another order",
        ),
    ],
)
def test_header_fixes_may_move_the_header_only(new: str, expected: str | None) -> None:
    file = read(f"\n{HEADER}{BODY}\n# %%\n".encode())
    meant = read(f"{new}\n# %%\n".encode())
    patch = Patch({0: meant.cells[:1]}, header=meant.prefix)
    fix = Fix(Applicability.SAFE, "mend", lambda: patch, Change.HEADER)
    assert objection(file, patch, fix) == expected


@pytest.mark.parametrize(
    ("old", "new", "passes"),
    [
        ("def f() -> None:\n    return 1\n", "def f() -> int:\n    return 1\n", True),
        ("def f(x: any):\n    pass\n", "from typing import Any\ndef f(x: Any):\n    pass\n", True),
        ("x: any = 1\n", "x: int = 1\n", True),
        ("def f() -> None:\n    return 1\n", "def f() -> int:\n    return 2\n", False),
        ("def f() -> None:\n    return 1\n", "def g() -> int:\n    return 1\n", False),
        ("def f() -> None:\n    return 1\n", "import os\ndef f() -> int:\n    return 1\n", False),
        ("def f(x) -> None:\n    return 1\n", "def f(x=1) -> int:\n    return 1\n", False),
        ("x: any = 1\n", "x: int = 2\n", False),
        ("# c\nx: any = 1\n", "x: int = 1\n", False),
    ],
)
def test_annotation_fixes_may_change_annotations_only(old: str, new: str, passes: bool) -> None:
    assert (_objection(old, new, Change.ANNOTATIONS) is None) is passes


REGION = "# {} SOLUTION\nx = 1\n# END SOLUTION\n"
PLAIN, ROLE = (
    "# %%\n",
    '# %% nbgrader={"grade": false, "grade_id": "a", '
    + ('"locked": false, "schema_version": 3, "solution": true}\n'),
)
MORE = "changes more than regions"
REGIONS: dict[str, tuple[str, str, str | None]] = {
    "spelling": (ROLE + REGION.format("begin"), ROLE + REGION.format("BEGIN"), None),
    "new region": (f"{ROLE}x = 1\n", ROLE + REGION.format("BEGIN"), None),
    "role": (PLAIN + REGION.format("BEGIN"), ROLE + REGION.format("BEGIN"), None),
    "text": (
        "# %% [markdown]\n# begin solution\n# a\n",
        "# %% [markdown]\n# BEGIN SOLUTION\n# a\n",
        None,
    ),
    "role without a region": (f"{PLAIN}x = 1\n", f"{ROLE}x = 1\n", MORE),
    "other role": (
        ROLE + REGION.format("BEGIN"),
        ROLE.replace('"a"', '"b"') + REGION.format("BEGIN"),
        MORE,
    ),
    "graded role": (
        PLAIN + REGION.format("BEGIN"),
        ROLE.replace('"grade": false', '"grade": true, "points": 1') + REGION.format("BEGIN"),
        MORE,
    ),
    "role lost": (ROLE + REGION.format("BEGIN"), PLAIN + REGION.format("BEGIN"), MORE),
    "other metadata": (
        f'# %% tags=["a"]\n{REGION.format("BEGIN")}',
        f'# %% tags=["b"]\n{REGION.format("BEGIN")}',
        MORE,
    ),
    "another comment": (
        f"{ROLE}x = 1\n",
        f"{ROLE}# BEGIN SOLUTION\nx = 1  # one\n# END SOLUTION\n",
        "would add a comment that is no delimiter",
    ),
    "two cells": (ROLE + REGION.format("BEGIN"), f"{ROLE}{REGION.format('BEGIN')}\n{PLAIN}", MORE),
    "words of the text": (
        "# %% [markdown]\n# begin solution\n# a\n",
        "# %% [markdown]\n# BEGIN SOLUTION\n# b\n",
        MORE,
    ),
    "role of the text": ("# %% [markdown]\n# a\n", '# %% [markdown] tags=["a"]\n# a\n', MORE),
}


@pytest.mark.parametrize(("old", "new", "expected"), REGIONS.values(), ids=REGIONS)
def test_region_fixes_may_put_delimiters_and_the_role_of_a_region(
    old: str, new: str, expected: str | None
) -> None:
    patch = Patch({0: read(new.encode()).cells})
    fix = Fix(Applicability.SAFE, "mend", lambda: patch, Change.REGIONS)
    assert objection(read(old.encode()), patch, fix) == expected


def test_what_nbgrader_would_release_must_still_parse() -> None:
    grading = (
        '{"grade": false, "grade_id": "a", "locked": false, "schema_version": 3, '
        '"solution": true, "task": false}'
    )
    head = f"# %% nbgrader={grading}\n"
    region = "    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
    file = read(f"{head}def f():\n{region}print(1)\n".encode())
    assert file.cells[0].metadata["nbgrader"]["solution"] is True
    # The end of the region slips behind the colon of the guard: nothing is left of its body.
    bad = region.replace("    ### END SOLUTION\n", "")
    bad += f"{GUARD}    print(1)\n    ### END SOLUTION\nelse_ = 1\n"
    patch = Patch({0: read(f"{head}def f():\n{bad}".replace("else_ = 1\n", "").encode()).cells})
    fix = Fix(Applicability.SAFE, "mend", lambda: patch, Change.GUARDS)
    # def f(): raise … is what the student gets, as before; but print(1) is in the region now.
    assert objection(file, patch, fix) == "would put a statement across a region delimiter"
    open_end = Patch(
        {
            0: read(
                (
                    f"{head}def f():\n    ### BEGIN SOLUTION\n"
                    f"    return 1\n{GUARD}    print(1)\n### END SOLUTION\n"
                )
                .replace("    ### BEGIN", "### BEGIN")
                .encode()
            ).cells
        }
    )
    assert objection(file, open_end, fix) is not None
