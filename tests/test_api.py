"""The public API."""

from __future__ import annotations

import modlint


def test_the_public_api_checks_and_fixes_a_module() -> None:
    settings = modlint.Settings()
    file = modlint.read(b'# %%\nprint("hi")\n')
    (diagnostic,) = modlint.lint(file, settings)
    assert isinstance(diagnostic, modlint.Diagnostic)
    assert diagnostic.code == "IMP002"
    outcome = modlint.fix(file, [diagnostic], settings)
    assert outcome.file.text == '# %%\nif __name__ == "__main__":\n    print("hi")\n'


def test_every_name_of_the_api_is_there() -> None:
    assert all(getattr(modlint, name) for name in modlint.__all__)
