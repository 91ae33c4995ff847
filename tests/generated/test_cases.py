"""Generated modules that once broke a promise, cut down to what broke it."""

from __future__ import annotations

import pytest

from generated.modules import Generated
from generated.promises import hold

CASES = {
    "a second directive, in a part of an exported cell that is not exported": (
        "# %%\n#| default_exp core\n\n# %%\n#| export\ndef test_one():\n    assert 1\n\n\n"
        "    # deep\n\n# two\nimport math\n#| export\n"
    ),
    "a second directive, above the test that leaves an exported cell": (
        "# %%\n#| export\nanswer = len\ndef test_one():\n    assert answer\n\n1\n"
        "    # deep\n\n# two\n#| export\ndef test_two():\n    assert answer\n\n1\n"
        "\n# %%\nprint('x')\n"
    ),
    "a second region in a cell that may hold none, once it is spelt right": (
        "# %%\ndef answer_1(n):\n    ### BEGIN SOLUTION\n    return n\n    ### END SOLUTION\n\n"
        "def answer_2(n):\n    # BEGIN SOLUTON\n    return n\n    # END SOLUTION\n"
    ),
    "a typing import where the package has none": (
        "# %%\ndef answer_1(n: any) -> any:\n    return n\n\n"
        "# %%\n#| exprot\nprint('x')\ndef answer_2(n: any) -> any:\n    return n\n\n"
        "# %%\n#| default_exp core\n#| export\nimport math\n"
    ),
    "a guard round a glued marker": (
        "# %% [code]\nprint('starting')\n\n# %%[markdown]\nhidden = [1, 2]\nprint(hidden)\n"
    ),
    "a test that becomes the last cell of a file without a last newline": (
        "# %%\n#| export\nx = 1\ndef test_1():\n    assert True\n"
        "def helper():\n    return x\n# the end"
    ),
    "a demo that deletes a name that a later cell deletes too": (
        "# %%\ndata = 0\n\n# %%\nfor a in []:\n    pass\nelse:\n    data: int = 4\n"
        "    print(data)\n    del data\n\n# %%\nif 1 < 2:\n    print('x')\n    del data\n"
    ),
    "a split that EXP003 reports by more cells": (
        "# %%\nimport math as data\ndef test_1():\n    assert data\ndef lends():\n"
        "    return data\n\n# %%\n#| export\ndef uses():\n    return data, lends, test_1\n"
    ),
    "a directive that leads its cell only after a split": (
        "# %%\nx = 1\n#| export\ndef test_1():\n    assert x\n\n"
        "# %%\n#| default_exp core\n#| export\nimport math\n\n# %%\nprint('x')\n"
    ),
    "a blanket suppression that comes to hide what moves there": (
        "# %%\nx = 1  # modlint: ignore\ndef helper():\n    return x\n\n# %%\nprint('x')\n\n"
        "# %%\n#| export\nclass Box:\n    def get(self):\n        return helper()\n"
    ),
    "what moves out of the cell in which it is suppressed": (
        "# %%\ndef helper():\n    return 1\n\n# %%\n#| export\n# modlint: ignore-cell\n"
        "def uses():\n    return helper()\n\n# %%\nprint('x')\n"
    ),
    "a suppression of no use, above another remark": (
        "# %%\n# modlint: ignore[IMP004] because  # noqa: E501\nprint('x')\n"
    ),
    "a split of a cell in which Python refuses two statements": (
        "# %%\nb = 1\nclass A:\n    [(a := i) for i in [b]]\ndef test_1():\n    assert b\n"
        "class B:\n    [(a := i) for i in [b]]\n"
    ),
    "a handler that no longer runs, and binds what others need": (
        "# %%\ndata = 0\ndel data\n\n# %%\ntry:\n    int('x')\nexcept ValueError as error:\n"
        "    for i in range(2):\n        print(i)\n    data = 3\n\n# %%\ndef uses():\n"
        "    return data\ndel data\n"
    ),
    "a handler that no longer runs, and fills what others read": (
        "# %%\nTABLE = {}\ntry:\n    int('x')\nexcept ValueError:\n    TABLE['x'] = 1\n"
        "def get():\n    return TABLE['x']\nclass Kept:\n    size = get()\n\n# %%\nprint('x')\n"
    ),
    "names that EXP003 reports by another cell, once that one is silent": (
        "SETTINGS = {}\na = b = data = 0\ndef show():\n\treturn f\ndef test_one():\n"
        "\t\tself.size = size\n# %%\n#| export\ndef uses():\n\treturn b\nSETTINGS['a'] = 1\n"
        "class Kept:\n\t'''Doc.'''\n#%%\n[print(i) for i in (1, 2)]\nb = ('one',\n\t'two')"
    ),
    "a lambda that misses a deleted name": (
        "# %%\nimport io\n\n# %%\ntry:\n    a = 1\n    with io.StringIO() as stream:\n"
        "        del a\n        print((lambda: a)())\nfinally:\n    print(2)\n"
    ),
    "two cells that are alike to the letter": (
        "# %%\ndata = 0\n\n"
        + 2
        * (
            "# %%\nif __name__ != '__main__':\n    pass\nelse:\n    print(data)\nmatch 3:\n"
            "    case 3:\n        data = 3\n        print('x')\n\n"
        )
    ),
    "a suppression in a cell that an indented marker tears apart": (
        "# %%\ndef block():\n    total = 0\n    # %% the loop\n"
        "    # modlint: ignore[SIG002] because\n    return total\n\n# %%\nprint('x')\n"
    ),
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_what_once_broke_a_promise(text: str) -> None:
    seen = hold(Generated(text))
    assert seen.applied
