"""Pages as people look at them in both themes, and as axe-core does."""

from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import picture

OPTIONS: dict[Literal["light", "dark"], dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},  # nothing else differs
}

# Colours fade from one theme to the other, and what is seen halfway is neither. What turns for ever is not waited for.
FADED = """async () => {
  const fading = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime !== Infinity);
  await Promise.allSettled(fading.map((one) => one.finished));
}"""


async def looked_at(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture of the page in both themes, at rest; neither may have a fault that axe-core holds for serious.

    whole: the picture shows all of the page, and not what fits the window alone.
    """
    for theme in OPTIONS:
        await page.emulate_media(color_scheme=theme)
        await page.evaluate(FADED)
        await picture(page, f"{name}-{theme}", whole=whole)
        found = await Axe().run(page, options=OPTIONS[theme])
        faults = [
            f"{fault['id']}: {fault['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
            for fault in found.response["violations"]
            if fault["impact"] in {"serious", "critical"}
            for node in fault["nodes"]
        ]
        assert not faults, f"{name}, {theme}:\n" + "\n".join(faults)
    await page.emulate_media(color_scheme="light")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
