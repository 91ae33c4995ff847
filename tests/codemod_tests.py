"""LibCST's own test of codemods, for texts that are held to the byte."""

from __future__ import annotations

import libcst as cst
import pytest
from libcst.codemod import CodemodContext, CodemodTest


class ExactCodemodTest(CodemodTest):
    """``assertCodemod`` of LibCST trims both texts; ``assert_exact`` does not."""

    def assert_exact(self, before: str, after: str, *arguments: object, **named: object) -> None:
        """Hold what the codemod makes of ``before``, blank lines and line endings too."""
        command = self.TRANSFORM(CodemodContext(), *arguments, **named)
        assert command.transform_module(cst.parse_module(before)).code == after

    def assert_refused(self, before: str, words: str, *arguments: object, **named: object) -> None:
        """The codemod says ``words`` and makes nothing of ``before``."""
        command = self.TRANSFORM(CodemodContext(), *arguments, **named)
        with pytest.raises(ValueError, match=words):
            command.transform_module(cst.parse_module(before))
