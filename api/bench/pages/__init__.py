"""The pages of people in a call: from what is said to what is on the screen, in a real Chromium, on real audio."""

import tempfile
from pathlib import Path

from api.bench import BenchOptions, BenchResult
from api.bench.pages.copilot import held, rows_of
from api.bench.pages.long import long_rows
from api.demo.server import serving
from bot.platforms.browser.chromium import chromium


async def run(options: BenchOptions) -> BenchResult:
    """Hold a copilot interview with somebody watching the panel, open a page of 300 turns, return the figures."""
    rounds = 1 if options.quick else 3
    with tempfile.TemporaryDirectory(prefix="vivavoce-bench-", ignore_cleanup_errors=True) as folder:
        async with serving(Path(folder), options.tell) as server, chromium(None) as browser:
            watched = await held(server, browser, rounds, options.tell)
            options.tell("a page of 300 turns")
            long = await long_rows(server, browser)
    return BenchResult("pages", (*rows_of(watched, rounds), *long), {"copilot": watched.details()})
