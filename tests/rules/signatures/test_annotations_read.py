"""SIG001 and SIG003: an annotation that something reads at run time is not changed as safe."""

from __future__ import annotations

import pytest

from modlint.diagnostics import Applicability
from modlint.fixing.engine import fix
from modlint.linting import lint
from modlint.notebook.percent import read_text
from modlint.settings import Settings

SETTINGS = Settings(select=("SIG001", "SIG003"))
FUNCTION = "def size(x: int) -> str:\n    return 1\n"
LOOSE = "def size(x: any) -> int:\n    return g(x)\n"
METHOD = "    def size(self) -> str:\n        return 1\n"


def applicability(text: str) -> Applicability:
    """How far the one fix can be trusted; a safe run writes it only if that is SAFE."""
    file = read_text(text)
    (found,) = lint(file, SETTINGS)
    assert found.fix is not None
    outcome = fix(file, [found], SETTINGS)
    is_safe = found.fix.applicability is Applicability.SAFE
    assert (outcome.file.text != text) is is_safe
    return found.fix.applicability


READ = {
    "fastcore": "from fastcore.basics import typed\n\n@typed\n{}",
    "another module's": "import web\n\n@web.get('/size')\n{}",
    "a call": "from langchain.tools import tool\n\n@tool('size', return_direct=True)\n{}",
    "unknown": "@register\n{}",
    "one of two": "import functools\nfrom m import checked\n\n@checked\n@functools.cache\n{}",
    "dispatch": "@f.register\n{}",
    "own decorator that hands on": (
        "from m import schema\n\ndef named(f):\n    schema(f)\n    return f\n\n@named\n{}"
    ),
    "bound again": "from m import typed\n\n{}\nsize = typed(size)\n",
    "bound again, made": "from m import typed\n\n{}\nsize = typed(strict=True)(size)\n",
    "given to a reader": "import typer\n\n{}\ntyper.run(size)\n",
    "asks": "from typing import get_type_hints\n\n{}\nprint(get_type_hints(size))\n",
    "asks by attribute": "{}\nprint(size.__annotations__)\n",
    "asks by inspect": "import inspect\n\n{}\nprint(inspect.signature(size))\n",
    "asks in another cell": "# %%\n{}\n\n# %%\nimport inspect\nprint(inspect.signature(size))\n",
    "shows its header": "# %%\n{}\n\n# %%\nhelp(size)\n",
    "shows it in the documentation": "{}\nfrom nbdev.showdoc import show_doc\nshow_doc(size)\n",
    "shows it by pydoc": "import pydoc\n\n{}\nprint(pydoc.render_doc(size))\n",
}


@pytest.mark.parametrize("text", [FUNCTION, LOOSE], ids=["SIG001", "SIG003"])
@pytest.mark.parametrize("around", READ.values(), ids=READ)
def test_what_may_be_read_is_unsafe(around: str, text: str) -> None:
    assert applicability(around.format(text)) is Applicability.UNSAFE


IGNORED = {
    "none": "{}",
    "functools": "import functools\n\n@functools.lru_cache(maxsize=None)\n{}",
    "by another name": "from functools import cache as kept\n\n@kept\n{}",
    "torch": "import torch\n\n@torch.no_grad()\n{}",
    "pytest": "import pytest\n\n@pytest.mark.slow\n{}",
    "own decorator": (
        "import functools\n\ndef timed(f):\n    @functools.wraps(f)\n    def run(*a):\n"
        "        return f(*a)\n    return run\n\n@timed\n{}"
    ),
    "given to a call": "{}\nprint(list(map(size, [1])))\n",
    "a method of that name": "from m import tool\n\n{}\ntool.help_for()\nget_help(3)\n",
    "called": "from m import show\n\n{}\nshow(size(1))\n",
}


@pytest.mark.parametrize("text", [FUNCTION, LOOSE], ids=["SIG001", "SIG003"])
@pytest.mark.parametrize("around", IGNORED.values(), ids=IGNORED)
def test_what_nothing_reads_is_safe(around: str, text: str) -> None:
    assert applicability(around.format(text)) is Applicability.SAFE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("class A:\n    @property\n" + METHOD, "safe"),
        ("class A:\n    @staticmethod\n" + METHOD.replace("self", ""), "safe"),
        ("from dataclasses import dataclass\n\n@dataclass\nclass A:\n" + METHOD, "safe"),
        ("from m import model\n\n@model\nclass A:\n" + METHOD, "unsafe"),
        ("from m import Base\n\nclass A(Base):\n" + METHOD, "safe"),
        ("class A:\n    x: any\n", "safe"),
        ("from pydantic import BaseModel\n\nclass A(BaseModel):\n    x: any\n", "unsafe"),
        ("from m import model\n\n@model\nclass A:\n    x: any\n", "unsafe"),
        ("from dataclasses import dataclass\n\n@dataclass\nclass A:\n    x: any\n", "safe"),
        ("from dataclasses import dataclass, fields\n\n@dataclass\nclass A:\n    x: any\n\n"
         "print(fields(A))\n", "unsafe"),
        ("@tool\ndef f():\n    x: any = 1\n    return x\n", "safe"),
        ("from fastcore.basics import patch\n\nclass A: pass\n\n@patch\n"
         "def size(self: A) -> str:\n    return 1\n", "safe"),
        ("from fastcore.basics import patch\n\nclass A: pass\n\n@patch\n"
         "def size(self: A, x: any):\n    return x\n", "unsafe"),
    ],
)  # fmt: skip
def test_methods_fields_and_locals(text: str, wanted: str) -> None:
    assert applicability(text) == wanted


def test_what_an_inner_scope_hides_keeps_its_name() -> None:
    text = "def f(x: any): pass\n\nclass A:\n    any = int\n    def g(self, x: any): pass\n"
    (found,) = lint(read_text(text), SETTINGS)
    assert (found.start.row, found.fix) == (1, None)
