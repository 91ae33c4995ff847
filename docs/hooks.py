"""What the site gathers: the pages of the repository, an index of the rules, the navigation.

Each page stands where it is read without the site; links between them are written for there,
and are put right here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
#: Files of the repository outside of ``docs`` → their place in the site.
PLACES = {
    "README.md": "index.md",
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "rules": "rules/index.md",
    "src/modlint/settings.schema.json": "schemas/settings.schema.json",
    "src/modlint/output/report/report.schema.json": "schemas/report.schema.json",
}
#: The pages of ``docs`` in their order; what is there and not named stands at the end of Use.
USE = ("tutorial", "by-hand", "editors", "ci", "outputs")
REFERENCE = ("cli", "settings", "local-rules")
PROJECT = ("security.md", "contributing.md", "changelog.md")

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
_RULE = re.compile(
    r"# (?P<code>\w+): (?P<name>\S+)\n\nSeverity: (?P<severity>.+)\. Fix: (?P<fix>.+)\."
)
_FAMILY = re.compile(r"^\| \*\*(\w+)\*\* \| (.+?) \|", re.MULTILINE)
_FENCE = re.compile(r"^```(python|json|toml)((?: (?:bad|good|clean|twin).*)?)$", re.MULTILINE)
_LINES = re.compile(r"lines=([\d,-]+)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the navigation of what there is."""
    there = sorted(path.stem for path in Path(config.docs_dir).glob("*.md"))
    others = [name for name in there if name not in (*USE, *REFERENCE)]
    families = [{family: [f"rules/{path.name}" for path in paths]} for family, paths in _families()]
    config.nav = [
        {"Home": "index.md"},
        {"Use": [f"{name}.md" for name in (*USE, *others) if name in there]},
        {"Rules": ["rules/index.md", *families]},
        {"Reference": [f"{name}.md" for name in REFERENCE if name in there]},
        {"Project": list(PROJECT)},
    ]
    config.nav = [entry for entry in config.nav if all(entry.values())]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand elsewhere, and the index of the rules."""
    for source, place in _places().items():
        if source == "rules":
            files.append(File.generated(config, place, content=_index()))
        elif not source.startswith("docs/"):
            files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put links right, and show in the examples of rules what is reported."""
    here = page.file.src_uri
    sources = {place: source for source, place in _places().items()}
    folder = posixpath.dirname(sources.get(here, here))

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[1]))
        place = _places().get(target)
        if place is None:
            return link[0]  # which the strict build refuses
        return posixpath.relpath(place, posixpath.dirname(here) or ".") + (link[2] or "")

    if here.startswith("rules/"):
        markdown = _FENCE.sub(_shown, markdown)
        if here != PLACES["rules"]:
            page.meta["search"] = {"boost": 0.5}
    if here == PLACES["README.md"]:
        page.meta["hide"] = ["navigation"]  # it would be this page alone
    return _LINK.sub(moved, markdown)


def _shown(fence: re.Match[str]) -> str:
    """The head of an example for the site: a title, and the lines that are reported."""
    language, what = fence[1], fence[2].split()
    name = {"python": "module.py", "json": "module.ipynb", "toml": "pyproject.toml"}[language]
    lines = _LINES.search(fence[2])
    marked = f' hl_lines="{lines[1].replace(",", " ")}"' if lines else ""
    says = {"bad": " before", "good": " after", "clean": ": nothing is reported"}
    return f'```{language}{marked} title="{name}{says.get(what[0], "") if what else ""}"'


def _places() -> dict[str, str]:
    """Every file of the site: its path in the repository → its place."""
    rules = {f"rules/{path.name}": f"rules/{path.name}" for path in (ROOT / "rules").glob("*.md")}
    docs = {f"docs/{path.name}": path.name for path in (ROOT / "docs").glob("*.md")}
    return PLACES | rules | docs


def _families() -> Iterator[tuple[str, list[Path]]]:
    """The families in the order of the README, each with its pages."""
    for family, _ in _FAMILY.findall((ROOT / "README.md").read_text("utf-8")):
        yield family, sorted((ROOT / "rules").glob(f"{family}*.md"))


def _index() -> str:
    """All rules, a table a family."""
    says = dict(_FAMILY.findall((ROOT / "README.md").read_text("utf-8")))
    parts = [
        "# Rules\n\nA safe fix changes nothing that the module prints or does as a script; "
        "`modlint fix --apply` writes it. An unsafe one may change meaning or grading, and waits "
        "for `--unsafe-fixes`.\n"
    ]
    for family, paths in _families():
        parts.append(f"## {family}\n\nWhat goes wrong: {says[family]}.\n")
        rows = ["| code | name | severity | fix |", "|---|---|---|---|"]
        for path in paths:
            rule = _RULE.match(path.read_text("utf-8"))
            assert rule is not None, path
            link = f"[{rule['code']}]({path.name})"
            rows.append(f"| {link} | {rule['name']} | {rule['severity']} | {rule['fix']} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)
