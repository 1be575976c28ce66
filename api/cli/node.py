"""`vivavoce node`: a machine that runs bots for control planes elsewhere."""

from pathlib import Path
from typing import Annotated

import typer


def node(
    data_dir: Annotated[Path | None, typer.Option(help="Where bots keep their files (DATA_DIR, or ./data).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Keep the parts' logs in files alone.")] = False,
) -> None:
    """Run the bot host and the speech server of one machine of a Ray cluster (LAUNCHER=ray).

    Beside it runs `ray start --address=HEAD:6379 --num-cpus=0 --resources='{"bot": N}'` with the same DATA_DIR; N is
    no more than MAX_BOTS. SIGTERM: calls may go on for DRAIN_S, then other machines take them up.
    """
    from api import serving
    from api.settings import load_settings

    serving.serve_node(load_settings(data_dir=data_dir, launcher="process"), quiet=quiet)
