"""Settings: defaults of a TinyTorch course, the nearest file, points, selection."""

from __future__ import annotations

from pathlib import Path

import pytest

from modlint.settings import Settings, SettingsError, find_settings
from support import Run


def test_an_empty_table_is_a_tinytorch_course() -> None:
    settings = Settings()
    assert settings.is_first_party("tinytorch.core.tensor")
    assert settings.is_first_party("tensor_dev")
    assert settings.is_first_party(".tensor")
    assert not settings.is_first_party("numpy")
    assert settings.is_test_name("test_unit_relu")
    assert (settings.points_of("test_unit_relu"), settings.points_of("test_module")) == (5, 20)


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.modlint]\nselect = ['IMP']\n")
    assert find_settings(inner).select == ("IMP",)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'no modlint table'\n")
    assert find_settings(inner).select == ("IMP",)
    (tmp_path / "a" / "modlint.toml").write_text("select = ['NBG']\npoints = {'*' = 2.5}\n")
    found = find_settings(inner)
    assert (found.select, found.points_of("test_x")) == (("NBG",), 2.5)


@pytest.mark.parametrize(
    ("select", "ignore", "code", "enabled"),
    [
        ((), (), "IMP001", True),
        (("IMP",), (), "IMP001", True),
        (("IMP",), (), "NBG001", False),
        ((), ("IMP",), "IMP001", False),
        (("IMP001",), ("IMP",), "IMP001", True),
        (("IMP",), ("IMP001",), "IMP001", False),
        (("IMP",), ("IMP",), "IMP001", False),
    ],
)
def test_the_longest_prefix_decides(
    select: tuple[str, ...], ignore: tuple[str, ...], code: str, enabled: bool
) -> None:
    assert Settings(select=select, ignore=ignore).is_enabled(code) is enabled


@pytest.mark.parametrize(
    ("code", "enabled"), [("STR001", False), ("COV001", False), ("MET002", True)]
)
def test_structure_and_coverage_are_off_by_default(code: str, enabled: bool) -> None:
    assert Settings().is_enabled(code) is enabled
    assert Settings(ignore=("IMP002",)).is_enabled(code) is enabled
    assert Settings(select=(code[:3],)).is_enabled(code)


def test_the_words_that_count_as_evidence(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.modlint.evidence]\nsummary = ['fazit']\n")
    assert find_settings(tmp_path).evidence == {"summary": ("fazit",)}
    (tmp_path / "pyproject.toml").write_text("[tool.modlint.evidence]\nsummary = 'fazit'\n")
    with pytest.raises(SettingsError, match="lists of strings"):
        find_settings(tmp_path)


def test_evidence_for_a_rule_that_is_none_is_an_error(modlint: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.modlint.evidence]\nsumary = ['fazit']\n")
    result = modlint("check", "-", stdin="x = 1\n")
    assert result.exit_code == 2
    assert "no rule 'sumary' looks for evidence" in result.stderr
