"""The `vivavoce` command. One module per subcommand; only the one that is asked for is imported.

Exit codes: 0 done, 1 it did not work out, 2 it can't start as asked (options, settings, port, data directory),
130 interrupted. What a user can put right is said in a sentence, never in a traceback.
"""

import pkgutil
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import typer

COMMANDS: Mapping[str, str] = {
    "demo": "api.cli.demo:demo",
    "serve": "api.cli.serve:serve",
    "node": "api.cli.node:node",
    "token": "api.cli.token:token",
    "candidate": "api.cli.candidate:candidate",
    "draft": "api.cli.draft:draft",
    "evaluate": "api.cli.evaluate:evaluate",
    "transcribe": "api.cli.transcribe:transcribe",
    "bench": "api.cli.bench:bench",
    "doctor": "api.cli.doctor:doctor",
    "db": "api.cli.db:db",
    "fleet": "api.cli.fleet:fleet",
    "audit": "api.cli.audit:audit",
    "lint": "api.cli.lint:lint",
}
FAILED = 1
CANNOT_START = 2
_CANNOT_START_CODES = frozenset({"bad_settings", "cannot_serve", "unusable_place"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command in `arguments` (the program's own by default) and exit with its code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _application(words)(words, prog_name="vivavoce")
    except SystemExit:  # the ordinary end, which must not import what follows
        raise
    except _expected_errors() as error:
        typer.echo(f"vivavoce: {error}", err=True)
        sys.exit(CANNOT_START if getattr(error, "code", "") in _CANNOT_START_CODES else FAILED)
    except OSError as error:  # a file that was named, or the machine itself: a full disk, too many open files
        typer.echo(f"vivavoce: {error.filename or 'this machine'}: {error.strerror or error}", err=True)
        sys.exit(CANNOT_START if error.filename else FAILED)


def _application(words: Sequence[str]) -> typer.Typer:
    """Return the application with the command that `words` begin with, or with every command to choose from."""
    application = typer.Typer(
        help="Interviews held by voice. Begin with `vivavoce demo`.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    application.callback()(_options)
    for name in words[:1] if words[:1] and words[0] in COMMANDS else COMMANDS:
        application.command(name)(pkgutil.resolve_name(COMMANDS[name]))
    return application


def _options(
    show_version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),
) -> None:
    if show_version:
        typer.echo(f"vivavoce {version('vivavoce')}")
        raise typer.Exit
    from orchestrator.logs import configure_logs

    configure_logs(level="error")  # to standard error: standard output belongs to what a command prints


def _expected_errors() -> tuple[type[Exception], ...]:
    """Return the roots of everything a user can do something about (imported only when an error has occurred)."""
    from api.errors import ControlPlaneError
    from audio.errors import AudioError
    from bot.errors import BotError
    from orchestrator.errors import OrchestratorError

    return ControlPlaneError, OrchestratorError, BotError, AudioError
