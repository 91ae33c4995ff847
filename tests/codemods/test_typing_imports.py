"""Import names from typing."""

from __future__ import annotations

from codemod_tests import ExactCodemodTest
from modlint.codemods.typing_imports import AddTypingImports


class TestAddTypingImports(ExactCodemodTest):
    TRANSFORM = AddTypingImports

    def test_to_those_that_are_there(self) -> None:
        before = "import os; from typing import Tuple  # types\nfrom typing import List\n"
        after = (
            "import os; from typing import Tuple, Any, Optional  # types\nfrom typing import List\n"
        )
        self.assert_exact(before, after, ["Any", "Optional"])

    def test_in_parentheses(self) -> None:
        before = "from typing import (\n    Tuple,  # pairs\n    List,  # more\n)\n"
        after = "from typing import (\n    Tuple,  # pairs\n    List, Any,  # more\n)\n"
        self.assert_exact(before, after, ["Any"])
        self.assert_exact(
            "from typing import (Tuple)\r\n", "from typing import (Tuple, Any)\r\n", ["Any"]
        )

    def test_not_to_a_star_another_module_or_a_block(self) -> None:
        before = (
            "from typing import *\nfrom .typing import A\nfrom a.typing import B\n"
            "if x:\n    from typing import C\n"
        )
        self.assert_exact(before, f"from typing import Any\n\n{before}", ["Any"])

    def test_below_what_must_lead(self) -> None:
        before = """
            #!/usr/bin/env python
            # coding: utf-8
            #| export

            # about f
            @d
            def f(): x()
        """
        after = """
            #!/usr/bin/env python
            # coding: utf-8
            #| export

            from typing import Any

            # about f
            @d
            def f(): x()
        """
        self.assertCodemod(before, after, ["Any"])

    def test_below_a_docstring_and_the_future(self) -> None:
        before = '# a\n"""doc\n\ntext"""\n\nfrom __future__ import annotations\n# b\nx = 1\n'
        after = before.replace("annotations\n", "annotations\nfrom typing import Any\n\n")
        self.assert_exact(before, after, ["Any"])
        self.assert_exact('"doc"; x()', '"doc"; x()\nfrom typing import Any\n', ["Any"])

    def test_in_the_first_cell_of_code(self) -> None:
        before = (
            "# ---\n# jupyter: {}\n# ---\n\n# %% [markdown]\n'''\nText\n'''\n\n"
            "# %% [markdown]\n'''\nMore\n'''\n\n# %%\n#| default_exp a\n\n# first\nimport os\n"
        )
        after = before.replace("exp a\n\n", "exp a\n\nfrom typing import Any\n\n")
        self.assert_exact(before, after, ["Any"])

    def test_line_ends(self) -> None:
        before = "#| export\r\ndef f():\r\n\tpass\r\n"
        after = "#| export\r\nfrom typing import Any\r\n\r\ndef f():\r\n\tpass\r\n"
        self.assert_exact(before, after, ["Any"])

    def test_where_there_is_no_code(self) -> None:
        self.assert_exact("#| export\n# a\n", "#| export\nfrom typing import A\n\n# a\n", ["A"])
        self.assert_exact("", "from typing import A\n", ["A"])
