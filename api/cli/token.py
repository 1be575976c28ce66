"""`vivavoce token`: a bearer token of the API."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=365)


def token(
    tenant: Annotated[str, typer.Option(help="Whose interviews the token opens.")],
    data_dir: Annotated[Path | None, typer.Option(help="The server's data directory (DATA_DIR, or ./data).")] = None,
    scopes: Annotated[
        str, typer.Option(help='What it allows, as in "interview:read transcript:read", or "role:recruiter".')
    ] = "*",
    ttl: Annotated[str, typer.Option(help="How long it is good for: 45s, 30m, 12h, 7d (365d at most).")] = "12h",
    subject: Annotated[str, typer.Option(help="Who holds it, for the log.")] = "admin",
) -> None:
    """Print a bearer token, and nothing else."""
    allowed, lifetime = _scopes(scopes), _lifetime(ttl)
    if not 0 < len(tenant) <= 128:
        raise typer.BadParameter("1 to 128 characters", param_hint="--tenant")
    from api.auth import Tokens, signing_secret
    from api.cli.failures import check_folder
    from api.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    check_folder(settings.data_dir, "--data-dir")
    secret_file = settings.secret_file
    if not secret_file.exists():
        typer.echo(
            f"vivavoce: no server has run in {secret_file.parent} yet; a new signing key is made there", err=True
        )
    tokens = Tokens(signing_secret(secret_file))
    typer.echo(tokens.issue(tenant, allowed, expires_in=lifetime, subject=subject))


def _scopes(text: str) -> list[str]:
    from api.scopes import NAMES

    scopes = text.replace(",", " ").split()
    unknown = [scope for scope in scopes if scope not in NAMES]
    if unknown or not scopes:
        named = f"unknown: {', '.join(unknown)}" if unknown else "none is named"
        raise typer.BadParameter(f"{named}; there is {', '.join(sorted(NAMES))}", param_hint="--scopes")
    return scopes


def _lifetime(text: str) -> timedelta:
    parts = re.fullmatch(r"([1-9]\d{0,5})([smhd])", text.strip())
    if parts is None:
        raise typer.BadParameter(f"{text!r} is no length of time; write 45s, 30m, 12h or 7d", param_hint="--ttl")
    lifetime = timedelta(**{_UNITS[parts[2]]: int(parts[1])})
    if lifetime > _LONGEST:
        raise typer.BadParameter(
            f"a token is good for {_LONGEST.days}d at most; make a new one then", param_hint="--ttl"
        )
    return lifetime
