"""The documentation as a site: it builds without a warning, and asks nobody else for anything."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

import make_cli_docs
from modlint.rules import all_rules
from sharing import Shared
from support import ROOT

CHROMIUM = shutil.which("chromium")
#: The pages with the widest content of each kind.
LOOKED_AT = ["", "rules/", "rules/NBG005-missing-points/", "rules/CEL007-notebook-structure/",
             "cli/", "settings/", "local-rules/", "security/", "contributing/"]  # fmt: skip


@pytest.fixture(scope="session")
def site(shared: Shared) -> Path:
    return shared.made("site", _built)


def _built(folder: Path) -> Path:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_rule_has_a_page_and_a_line_in_the_index(site: Path) -> None:
    index = (site / "rules" / "index.html").read_text()
    for rule in all_rules():
        name = f"{rule.code}-{rule.name}"
        assert f"<td>{rule.name}</td>" in index
        assert f'href="{name}/"' in index
        page = (site / "rules" / name / "index.html").read_text()
        assert f"<title>{rule.code}: {rule.name} - modlint</title>" in page


def test_the_reported_lines_of_an_example_are_marked(site: Path) -> None:
    page = (site / "rules" / "IMP002-import-time-print" / "index.html").read_text()
    assert 'class="hll"' in page
    assert "module.py before" in page
    assert "bad lines" not in page


def test_links_out_of_a_page_lead_to_their_pages(site: Path) -> None:
    home = (site / "index.html").read_text()
    assert 'href="settings/"' in home
    assert 'href="rules/"' in home
    assert 'href="security/"' in home
    assert 'href="schemas/report.schema.json"' in home
    assert (site / "schemas" / "report.schema.json").is_file()
    assert 'href="../security/"' in (site / "local-rules" / "index.html").read_text()


_ELSEWHERE = re.compile("(https?:)?//")


class _Resources(HTMLParser):
    """What a page loads from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action") and tag != "a":
                self.outside += [value] if value and _ELSEWHERE.match(value) else []


def test_no_page_names_anything_to_load_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(all_rules())
    for page in pages:
        parser = _Resources()
        parser.feed(page.read_text())
        assert parser.outside == [], page


def test_what_only_the_build_needs_is_not_in_the_site(site: Path) -> None:
    assert list(site.rglob("*.py")) == []


def _hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_new_page_is_in_the_navigation_by_being_there(tmp_path: Path) -> None:
    for name in ("settings", "tutorial", "something-new"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n")
    config: Any = SimpleNamespace(docs_dir=str(tmp_path), nav=None)
    sections = {k: v for entry in _hooks().on_config(config).nav for k, v in entry.items()}
    assert sections["Use"] == ["tutorial.md", "something-new.md"]
    assert sections["Reference"] == ["settings.md"]


def test_the_reference_of_the_command_line_is_what_the_commands_say() -> None:
    assert make_cli_docs.REFERENCE.read_text("utf-8") == make_cli_docs.reference()


# --- in a browser -----------------------------------------------------------------------------


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no chromium on this machine"
)
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1280])
def test_pages_fit_and_ask_nobody_else(
    browser: Browser, address: str, width: int, dark: bool
) -> None:
    scheme: Any = "dark" if dark else "light"
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, service_workers="block"
    )
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for path in LOOKED_AT:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shade = "slate" if dark else "default"
        assert page.evaluate("document.body.dataset.mdColorScheme") == shade
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert len(asked) > len(LOOKED_AT)
