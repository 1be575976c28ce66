"""`python -m bot`: run one bot; its `BotSpec` comes as JSON on standard input."""

import asyncio
import sys

from bot.pulse import Pulse
from bot.runtime import run_bot
from bot.spec import BotSpec


def main() -> None:
    """Read the spec, run the bot, exit with its code."""
    spec = BotSpec.model_validate_json(sys.stdin.read())
    sys.exit(asyncio.run(run_bot(spec, Pulse())))


if __name__ == "__main__":
    main()
