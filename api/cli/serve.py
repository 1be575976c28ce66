"""`vivavoce serve`: everything on embedded defaults, in one command."""

from pathlib import Path
from typing import Annotated

import typer


def serve(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to serve on; 0 takes a free one.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on; 0.0.0.0 lets other machines in.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept (DATA_DIR, or ./data).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Keep the parts' logs in files alone.")] = False,
) -> None:
    """Run the control plane, the speech server and the bot host.

    Prints `ready URL` when all of them are, and a link that signs you in. Ctrl-C lets running calls leave. Settings
    come from the environment: STT_URL, TTS_URL, LLM_URL, DATABASE_URL, PUBLIC_URL, MAX_BOTS, LOG_LEVEL and others.
    """
    from api import serving
    from api.settings import load_settings

    serving.serve(load_settings(listen_port=port, listen_host=host, data_dir=data_dir), quiet=quiet)
