"""Pages as people look at them in both themes, and as axe-core does."""

from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import DESK, PHONE, picture

OPTIONS: dict[Literal["light", "dark"], dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},  # nothing else differs
}
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
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    for theme in OPTIONS:
        await page.emulate_media(color_scheme=theme)
        await page.evaluate(FADED)
        await picture(page, f"{name}-{theme}", whole=whole)
        faults = await page.evaluate(SERIOUS, OPTIONS[theme])
        assert not faults, f"{name}, {theme}:\n" + "\n".join(faults)
    await page.emulate_media(color_scheme="light")
    await no_sideways_scroll(page, name)


async def everywhere(page: Page, name: str, *, whole: bool = False) -> None:
    """Look at the page on a phone and at a desk, each as `looked_at` does; it is left as wide as it was."""
    before = page.viewport_size
    assert before is not None
    for width, size in (("phone", PHONE), ("desk", DESK)):
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        await looked_at(page, f"{name}-{width}", whole=whole)
    await page.set_viewport_size(before)


async def no_sideways_scroll(page: Page, name: str = "the page") -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
