"""Pages as people look at them in both themes, and as axe-core does."""

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import DESK, PHONE, Theme, picture

ALL: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = ALL | {"runOnly": ["color-contrast"]}  # where another theme is all that differs
SERIOUS = """async (options) => {
  const { violations } = await axe.run(document, options);
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  return serious.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ""}`));
}"""

# Colours fade from one theme to the other, and what is seen halfway is neither. What turns for ever is not waited for.
FADED = """async () => {
  const fading = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(fading.map((one) => one.finished));
}"""


async def looked_at(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of the page in both themes, at rest; neither may have a fault that axe-core holds for serious.

    whole: the picture shows all of the page, and not what fits the window alone.
    """
    await _look(page, name, "light", ALL, whole)
    await _look(page, name, "dark", COLOURS, whole)
    await page.emulate_media(color_scheme="light")
    await no_sideways_scroll(page, name)


async def everywhere(page: Page, name: str, *, desk: dict[str, int] = DESK, whole: bool = False) -> None:
    """Look at the page on a phone in the dark and at a desk in the light; it is left as wide as it was, and light.

    A theme is a set of colours, and a width moves and hides: each of the four is seen once.
    """
    before = page.viewport_size
    assert before is not None
    for width, size, theme in (("phone", PHONE, "dark"), ("desk", desk, "light")):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        await _look(page, f"{name}-{width}", theme, ALL, whole)
        await no_sideways_scroll(page, f"{name}-{width}")
    await page.set_viewport_size(before)


async def _look(page: Page, name: str, theme: Theme, rules: dict[str, Any], whole: bool) -> None:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    await page.emulate_media(color_scheme=theme)
    await page.evaluate(FADED)
    await picture(page, f"{name}-{theme}", whole=whole)
    faults = await page.evaluate(SERIOUS, rules)
    assert not faults, f"{name}, {theme}:\n" + "\n".join(faults)


async def no_sideways_scroll(page: Page, name: str = "the page") -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
