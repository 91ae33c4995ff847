"""The HTML report in a real browser: filters, links, keyboard, paper, and a hostile module."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from modlint.cli import main
from support import REFERENCE

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="there is no chromium on this machine"
)

HOSTILE = '''\
# %% [markdown]
"""
# <img src=x onerror="document.title='pwned'"> </script><script>document.title='pwned'</script>
"""

# %% nbgrader={"grade": true, "grade_id": "\\"><script>document.title=1</script>", "points": 1}
def test_x():  # <script>document.title='pwned'</script>
    pass

test_x()  # </pre></details><b id="injected">bold</b>
print("\u202etxet desrever\u202c", "\u200bzero", "</style>")
# `</title><svg onload=document.title='pwned'>`
\x07 = 1
'''


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


Show = Callable[..., Page]


def write(target: Path, *modules: Path) -> Path:
    """The report of some modules, as a file."""
    options = ["--output-format", "html", "--output-file", str(target)]
    result = CliRunner().invoke(main, ["report", *map(str, modules), *options])
    assert (result.exit_code, result.output) == (0, "")
    return target


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """Write the report of some modules and open it; whatever the browser complains of fails."""
    complaints: list[str] = []

    def asked(url: str) -> None:
        if not url.startswith("file:"):
            complaints.append(f"asked for {url}")

    def shown(*modules: Path, fragment: str = "", dark: bool = False, width: int = 1280) -> Page:
        page = browser.new_page(
            color_scheme="dark" if dark else "light", viewport={"width": width, "height": 900}
        )
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked(request.url))
        page.goto(write(tmp_path / "report.html", *modules).as_uri() + fragment)
        return page

    yield shown
    assert complaints == []


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    path = tmp_path / "<img src=x onerror=alert(1)> & 'q'.py"
    path.write_text(HOSTILE, "utf-8")
    return path


def visible(things: Locator) -> int:
    return sum(thing.is_visible() for thing in things.all())


def test_severities_filter_the_problems(show: Show) -> None:
    page = show(REFERENCE)
    errors, advice = (
        page.locator('.problem[data-severity="error"]'),
        page.locator('.problem[data-severity="info"]'),
    )
    both = visible(errors), visible(advice)
    assert min(both) > 0
    page.get_by_role("button", name="error").click()
    assert (visible(errors), visible(advice)) == (0, both[1])
    assert page.get_by_role("heading", name="P1 – Must fix").is_hidden()
    shown = page.get_by_role("status").inner_text()
    assert f"{page.locator('.problem').count() - both[0]} of" in shown
    page.get_by_role("button", name="error").click()
    assert (visible(errors), visible(advice)) == both


def test_marks_filter_the_checklist(show: Show) -> None:
    page = show(REFERENCE)
    page.get_by_role("button", name="met", exact=True).click()
    page.get_by_role("button", name="partly met").click()
    assert visible(page.locator('.item:not([data-mark="unmet"])')) == 0
    assert visible(page.locator('.item[data-mark="unmet"]')) == 4
    assert page.get_by_role("heading", name="Educational Quality").is_hidden()


def test_one_module_of_several_can_be_chosen(show: Show, hostile: Path) -> None:
    page = show(REFERENCE, hostile)
    assert visible(page.locator(".module")) == 2
    page.get_by_role("combobox", name="Module").select_option(index=1)
    assert visible(page.locator(".module")) == 1
    assert "Quantization" in page.locator(".module:visible h2").inner_text()
    page.get_by_role("table").first.get_by_role("link").nth(1).click()
    assert visible(page.locator(".module")) == 2  # a link leads to what was hidden


def test_a_problem_opens_and_shows_its_line_marked(show: Show) -> None:
    page = show(REFERENCE)
    problem = page.locator('.problem[id$="IMP001-L496"]')
    assert problem.locator("pre").is_hidden()
    problem.locator("summary").click()
    assert problem.locator(".row.hit").inner_text().split() == [
        "▶",
        "496",
        "test_unit_quantize_int8()",
    ]


def test_a_place_leads_to_its_line_and_the_page_opens_there(show: Show) -> None:
    page = show(REFERENCE)
    page.get_by_role("link", name="line 1482", exact=True).first.click()
    line = page.locator('[id$="_dev-py-L1482"]')
    assert line.is_visible()
    assert "demo_quantization_with_profiler()" in line.inner_text()
    anchor = page.evaluate("location.hash")
    again = show(REFERENCE, fragment=anchor)
    target = again.locator(anchor)
    assert target.is_visible()
    box = target.bounding_box()
    assert box is not None
    assert 0 <= box["y"] <= 900


def test_every_link_has_a_target(show: Show, hostile: Path) -> None:
    page = show(REFERENCE, hostile)
    broken = page.evaluate(
        "[...document.links].map(a => a.hash.slice(1)).filter(id => !document.getElementById(id))"
    )
    assert broken == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) > 1700


def test_the_keyboard_reaches_everything(show: Show) -> None:
    page = show(REFERENCE)
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.className") == "skip"
    assert page.evaluate(f"{focused}.getBoundingClientRect().top >= 0")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.dataset.severity") == "error"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    page.keyboard.press("Space")
    assert visible(page.locator('.problem[data-severity="error"]')) == 0
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.id") == "report"
    seen: list[str] = []
    for _ in range(300):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(f"{focused}.tagName"))
        if seen[-1] == "SUMMARY":
            break
    assert seen[-1] == "SUMMARY"
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.parentElement.open")


def test_the_theme_follows_the_system_until_it_is_chosen(show: Show) -> None:
    page = show(REFERENCE, dark=True)
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    button = page.get_by_role("button", name="Dark colours")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    light = page.evaluate(background)
    assert (light, button.get_attribute("aria-pressed")) == ("rgb(255, 255, 255)", "false")
    assert dark != light


def test_on_paper_the_problems_are_open_and_the_controls_gone(show: Show) -> None:
    page = show(REFERENCE, dark=True)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#controls").is_hidden()
    assert page.locator(".problem pre").first.is_visible()
    assert page.locator(".source").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator(".problem pre").first.is_hidden()
    assert page.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_violation(show: Show, hostile: Path, dark: bool) -> None:
    import axe_playwright_python

    axe = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
    page = show(REFERENCE, hostile, dark=dark)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
    assert found == []


@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_never_scrolls_sideways(show: Show, hostile: Path, width: int) -> None:
    page = show(REFERENCE, hostile, width=width)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_hostile_module_injects_nothing(show: Show, hostile: Path) -> None:
    page = show(hostile)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    page.wait_for_timeout(100)
    assert page.title() == "Module review"
    assert page.locator("#injected, main img, main script, main style").count() == 0
    assert page.locator("script").count() == 1
    handlers = (
        "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
        ".filter(n => n.startsWith('on') || n === 'src' || n === 'style')"
    )
    assert page.evaluate(handlers) == []
    source = page.locator(".source").inner_text()
    assert '</pre></details><b id="injected">bold</b>' in source
    for sign in ("U+202E", "U+202C", "U+200B", "U+0007"):
        assert sign in source
    assert not set("\u202e\u202c\u200b\x07") & set(page.content())


def test_what_slips_through_the_escape_could_not_run(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    page.goto(write(tmp_path / "report.html", REFERENCE).as_uri())
    page.evaluate(
        "() => { const s = document.createElement('script');"
        " s.textContent = 'document.title = 1'; document.body.append(s); }"
    )
    assert page.title() == "Module review"
    assert len(refusals) == 1
    assert "Content Security Policy" in refusals[0]
