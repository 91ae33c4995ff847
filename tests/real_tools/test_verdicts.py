"""What a graded cell tells nbgrader: its own scores of a right and of a wrong answer decide.

Each cell is executed in a kernel, as ``nbgrader autograde`` does, once behind a right and once
behind a wrong answer. NBG016 is to report the cells whose score is the same, NBG013 those
that get nothing for the right one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

from grading import FORMATS, GradedCell, role
from modlint.linting import lint
from modlint.notebook.cell import ModuleFile
from modlint.settings import Settings
from sharing import Shared

SETUP = """\
import asyncio, contextlib, doctest, io, logging, sys, unittest
import warnings
from contextlib import suppress

{bars}

def half(x):
    return x / 2 + {off}
"""
#: What the bars of tqdm write, where it is not installed.
BARS = """\
import sys, types
module = types.ModuleType("tqdm")
def tqdm(items, desc=None, total=None, leave=True, file=None, disable=False):
    if disable is False:
        print("100%", file=file or sys.stderr)
    return items
module.tqdm = tqdm
sys.modules.setdefault("tqdm", module)
"""
MAIN = 'if __name__ == "__main__":\n    '
CASE = """\
class TestHalf(unittest.TestCase):
    def test_four(self):
        self.assertEqual(half(4), 2)

"""
SUITE = "suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestHalf)\n"
STDOUT = "unittest.TextTestRunner(stream=sys.stdout)"
EXAMPLE = 'def example():\n    """\n    >>> half(4)\n    2.0\n    """\n\n'
TRY = "    try:\n        assert half(4) == 2\n"
TEST = "def test_half():\n"
CALL = "\n" + MAIN + "test_half()\n"
ASYNC = "async def test_half():\n    assert half(4) == 2\n\n"

#: The cell cannot tell a wrong answer from a right one.
BLIND = {
    "swallowed": TEST + TRY + "    except AssertionError as error:\n        print(error)\n" + CALL,
    "swallowed at the top": "try:\n    assert half(4) == 2\nexcept Exception:\n    pass\n",
    "bare except": TEST + TRY + "    except:\n        print('wrong')\n" + CALL,
    "one of several": TEST + TRY + "    except (KeyError, AssertionError):\n        pass\n" + CALL,
    "in a log": TEST + TRY + "    except AssertionError as e:\n        logging.info(e)\n" + CALL,
    "return False": TEST + TRY + "    except AssertionError:\n        return False\n" + CALL,
    "finally": TEST + TRY + "    finally:\n        return\n" + CALL,
    "any failure": TEST + "    try:\n        half(4)\n        assert False, 'no error'\n"
                   "    except Exception:\n        pass\n" + CALL,
    "a test": TEST + "    assert half(4) == 2\n\n"
              "try:\n    test_half()\nexcept AssertionError:\n    print('wrong')\n",
    "suppressed": "with suppress(AssertionError):\n    assert half(4) == 2\n",
    "suppressed by path": TEST + "    with contextlib.suppress(Exception):\n"
                          "        assert half(4) == 2\n" + CALL,
    "a tuple": TEST + '    assert (half(4) == 2, "four halved is two")\n' + CALL,
    "a text": TEST + '    assert "half(4) == 2"\n' + CALL,
    "a generator": TEST + "    assert (half(n) == n // 2 for n in (2, 4))\n" + CALL,
    "a list": TEST + "    assert [half(4) == 2]\n" + CALL,
    "a dict": TEST + "    assert {'four': half(4) == 2}\n" + CALL,
    "or for a comma": TEST + "    assert half(4) == 2 or 'four halved is two'\n" + CALL,
    "or and a filled text": TEST + "    assert half(4) == 2 or f'{half(4)} is no half'\n" + CALL,
    "a method not awaited": "class TestHalf:\n    async def test_four(self):\n"
                            "        assert half(4) == 2\n\n" + "TestHalf().test_four()\n",
    "a method with a yield": "class TestHalf:\n    def test_four(self):\n"
                             "        assert half(4) == 2\n        yield\n\n"
                             + MAIN + "TestHalf().test_four()\n",
    "not called": TEST + "    return half(4) == 2\n\nassert test_half\n",
    "not awaited": ASYNC + MAIN + "test_half()\n",
    "not awaited at the end": ASYNC + "test_half()\n",
    "has a yield": TEST + "    assert half(4) == 2\n    yield\n" + CALL,
    "returns a verdict": TEST + "    return half(4) == 2\n" + CALL,
    "behind return": TEST + "    return\n    assert half(4) == 2\n" + CALL,
    "no assert": TEST + "    half(4) == 2\n" + CALL,
    "no assert at the top": "half(4) == 2\nprint('done')\n",
    "doctest": EXAMPLE + MAIN + "doctest.testmod()\n",
    "doctest of one": EXAMPLE + "doctest.run_docstring_examples(example, globals())\n",
    "unittest on stdout": CASE + f"unittest.main(argv=['x'], exit=False, testRunner={STDOUT})\n",
    "a runner on stdout": CASE + SUITE + f"{STDOUT}.run(suite)\nprint('done')\n",
}  # fmt: skip
#: It can: no false alarm.
SEEING = {
    "or and a text that may be empty": (
        TEST + "    why = ''\n    assert half(4) == 2 or f'{why}'\n" + CALL
    ),
    "raised again": TEST + TRY + "    except AssertionError:\n        print('no')\n        raise\n"
                    + CALL,
    "raised as another": TEST + TRY + "    except AssertionError as e:\n"
                         "        raise ValueError('no') from e\n" + CALL,
    "recorded": TEST + "    failures = []\n" + TRY + "    except AssertionError as e:\n"
                "        failures.append(e)\n    assert not failures\n" + CALL,
    "a flag": TEST + "    passed = False\n" + TRY + "        passed = True\n"
              "    except AssertionError:\n        pass\n    assert passed\n" + CALL,
    "counted": TEST + "    right = 0\n" + TRY + "        right += 1\n"
               "    except AssertionError:\n        pass\n    assert right == 1\n" + CALL,
    "tried again": TEST + "    for _ in range(2):\n        try:\n            assert half(4) == 2\n"
                   "            return\n        except AssertionError:\n            continue\n"
                   "    raise AssertionError('never right')\n" + CALL,
    "a loop with else": TEST + "    for _ in range(2):\n        try:\n"
                        "            assert half(4) == 2\n            break\n"
                        "        except AssertionError:\n            pass\n"
                        "    else:\n        raise AssertionError\n" + CALL,
    "exit": TEST + TRY + "    except AssertionError:\n        sys.exit(1)\n" + CALL,
    "on stderr": TEST + TRY + "    except AssertionError as e:\n"
                 "        print(e, file=sys.stderr)\n" + CALL,
    "as a log record": TEST + TRY + "    except AssertionError as e:\n        logging.error(e)\n"
                       + CALL,
    "verdict asked for": TEST + TRY + "    except AssertionError:\n        return False\n"
                         "    return True\n\nassert test_half()\n",
    "expected error": TEST + "    try:\n        half(None)\n        assert False\n"
                      "    except TypeError:\n        pass\n    assert half(4) == 2\n" + CALL,
    "the first handler": TEST + TRY + "    except AssertionError:\n        raise\n"
                         "    except Exception:\n        pass\n" + CALL,
    "suppressed otherwise": "with suppress(KeyError):\n    assert half(4) == 2\n",
    "message": TEST + '    assert half(4) == 2, "four halved is two"\n' + CALL,
    "parentheses": TEST + "    assert (\n        half(4) == 2\n    )\n" + CALL,
    "a list of nothing certain": TEST + "    assert [*filter(None, [half(4) == 2])]\n" + CALL,
    "or and another check": TEST + "    assert half(4) == 2 or half(4) == 2.0\n" + CALL,
    "a method awaited": "class TestHalf:\n    async def test_four(self):\n"
                        "        assert half(4) == 2\n\nawait TestHalf().test_four()\n",
    "all": TEST + "    assert all(half(n) == n // 2 for n in (2, 4))\n" + CALL,
    "awaited": ASYNC + "await test_half()\n",
    "awaited under a guard": ASYNC + MAIN + "await test_half()\n",
    "gathered": ASYNC + "await asyncio.gather(test_half())\n",
    "iterated": TEST + "    assert half(4) == 2\n    yield\n\nlist(test_half())\n",
    "returned by all": TEST + "    assert half(4) == 2\n    return True\n" + CALL,
    "doctest asked": EXAMPLE + "assert doctest.testmod().failed == 0\n",
    "doctest raises": EXAMPLE + "doctest.testmod(raise_on_error=True)\n",
    "a runner asked": CASE + SUITE + f"assert {STDOUT}.run(suite).wasSuccessful()\n",
    "suite": CASE + SUITE + "suite.debug()\n",
    "a handler on stdout": "log = logging.getLogger('a')\n"
                           "log.addHandler(logging.StreamHandler(sys.stdout))\n"
                           "log.warning('x')\nassert half(4) == 2\n",
    "no bar": "from tqdm import tqdm\nfor n in tqdm(range(3), disable=True):\n    pass\n"
              "assert half(4) == 2\n",
    "no bar without a terminal": "from tqdm import tqdm\n"
                                 "for n in tqdm(range(3), disable=None):\n    pass\n"
                                 "assert half(4) == 2\n",
    "a bar on stdout": "from tqdm import tqdm\nfor n in tqdm(range(3), file=sys.stdout):\n"
                       "    pass\nassert half(4) == 2\n",
    "a bar in a text": "from tqdm import tqdm\n"
                       "for n in tqdm(range(3), 'n', 3, True, io.StringIO()):\n    pass\n"
                       "assert half(4) == 2\n",
}  # fmt: skip
#: Text on stderr: nothing for the right answer either.
LOUD = {
    "unittest": CASE + MAIN + "unittest.main(argv=['x'], exit=False)\n",
    "unittest that exits": CASE + f"unittest.main(argv=['x'], testRunner={STDOUT})\n",
    "a runner": CASE + SUITE + "assert unittest.TextTestRunner().run(suite).wasSuccessful()\n",
    "a runner in steps": CASE + SUITE + "runner = unittest.TextTestRunner(verbosity=2)\n"
                         "assert runner.run(suite).wasSuccessful()\n",
    "a runner on stderr": CASE + SUITE + "assert unittest.TextTestRunner(stream=sys.stderr)"
                          ".run(suite).wasSuccessful()\n",
    "a handler": "log = logging.getLogger('b')\nlog.addHandler(logging.StreamHandler())\n"
                 "log.warning('x')\nassert half(4) == 2\n",
    "a bar": "from tqdm import tqdm\nfor n in tqdm(range(3), leave=False):\n    pass\n"
             "assert half(4) == 2\n",
    "a bar after all": "from tqdm import tqdm\nfor n in tqdm(range(3), disable=False):\n    pass\n"
                       "assert half(4) == 2\n",
}  # fmt: skip
ALL = {**BLIND, **SEEING, **LOUD}


@pytest.fixture(scope="session")
def scores(shared: Shared) -> dict[str, tuple[float, float]]:
    """What nbgrader gives each cell, of 4 points, behind the right and behind the wrong answer."""
    return shared.made("verdicts", _scores)


def _scores(_: Path) -> dict[str, tuple[float, float]]:
    found: dict[str, list[float]] = {}
    for off in (0, 1):
        cells = [new_code_cell(SETUP.format(off=off, bars=BARS))]  # type: ignore[no-untyped-call]
        for text in ALL.values():
            cell = new_code_cell(text)  # type: ignore[no-untyped-call]
            cell.metadata["nbgrader"] = role(grade=True, locked=True, points=4)
            cells.append(cell)
        notebook = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
        NotebookClient(notebook, allow_errors=True, timeout=60, kernel_name="python3").execute()
        for name, cell in zip(ALL, notebook.cells[1:], strict=True):
            found.setdefault(name, []).append(determine_grade(cell)[0] or 0)
    return {name: (right, wrong) for name, (right, wrong) in found.items()}


def codes(form: Callable[[list[GradedCell]], ModuleFile], text: str) -> set[str]:
    setup = SETUP.format(off=0, bars="")
    file = form([("code", role(), setup), ("code", role(grade=True, points=4), text)])
    return {d.code for d in lint(file, Settings(select=("NBG013", "NBG016")))}


by_format = pytest.mark.parametrize("form", FORMATS)


@by_format
@pytest.mark.parametrize("name", BLIND)
def test_a_cell_that_cannot_tell_a_wrong_answer_is_reported(
    scores: dict[str, tuple[float, float]],
    form: Callable[[list[GradedCell]], ModuleFile],
    name: str,
) -> None:
    right, wrong = scores[name]
    assert right == wrong
    assert "NBG016" in codes(form, BLIND[name])


@by_format
@pytest.mark.parametrize("name", SEEING)
def test_a_cell_that_can_is_not(
    scores: dict[str, tuple[float, float]],
    form: Callable[[list[GradedCell]], ModuleFile],
    name: str,
) -> None:
    assert scores[name] == (4, 0)
    assert codes(form, SEEING[name]) == set()


@by_format
@pytest.mark.parametrize("name", LOUD)
def test_a_cell_that_writes_on_stderr_is_a_hazard(
    scores: dict[str, tuple[float, float]],
    form: Callable[[list[GradedCell]], ModuleFile],
    name: str,
) -> None:
    assert scores[name] == (0, 0)
    assert codes(form, LOUD[name]) == {"NBG013"}
