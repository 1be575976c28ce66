"""`vivavoce draft`: from one sentence, or a job's text, to a plan that can be held."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from api.drafting.schemas import DraftIn, DraftOut, QuestionOut

LONGEST = 20_000  # characters of a text
WIDTH = 100


def draft(
    text: Annotated[str, typer.Argument(help="What the interview is for; a file with it; or - for standard input.")],
    minutes: Annotated[float | None, typer.Option(help="The whole interview.", min=5, max=240)] = None,
    questions: Annotated[int | None, typer.Option(help="At most so many.", min=1, max=40)] = None,
    seniority: Annotated[str | None, typer.Option(help="Such as junior, senior or director.")] = None,
    style: Annotated[str | None, typer.Option(help="Such as pre-screening or second-interview.")] = None,
    tone: Annotated[str | None, typer.Option(help="relaxed, simple, professional or persuasive.")] = None,
    expect: Annotated[str | None, typer.Option(help="What is wished of the candidate.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="A text that some questions take up.", exists=True, dir_okay=False)
    ] = None,
    knowledge: Annotated[
        list[Path] | None, typer.Option(help="A text about how things are done.", exists=True, dir_okay=False)
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="structured, or model (that of LLM_URL; the default where it is set).")
    ] = None,
    rapport: Annotated[bool, typer.Option("--rapport", help="Begin with an easy question.")] = False,
    closing: Annotated[bool, typer.Option(help="End with a last word.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Print the plan as YAML.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write the plan for `vivavoce demo --plan`: YAML, or .json.", metavar="FILE")
    ] = None,
) -> None:
    """Draft a whole interview: what is judged, the questions, and what answers to them sound like."""
    from api.cli.failures import check_file

    if out is not None:
        check_file(out, "--out")
    wanted = _wanted(
        prompt=_text(text),
        minutes=minutes,
        question_count=questions,
        seniority=seniority,
        style=style,
        tone=tone,
        candidate_expectations=expect,
        resume_text=_file(resume) if resume else None,
        knowledge=[{"title": file.name[:200], "text": _file(file)} for file in knowledge or ()],
        engine=engine,
        rapport=rapport,
        closing=closing,
    )
    made = asyncio.run(_made(wanted))
    if out is not None:
        as_file = made.plan.model_dump_json(indent=2) + "\n" if out.suffix == ".json" else _yaml(made)
        out.write_text(as_file, encoding="utf-8")
        typer.echo(f"wrote {out}; hear it with: vivavoce demo --plan {out}", err=True)
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
    elif as_yaml:
        typer.echo(_yaml(made), nl=False)
    else:
        typer.echo("\n".join(_page(made)))


async def _made(wanted: "DraftIn") -> "DraftOut":
    from api.drafting.service import Drafting, Structured
    from api.interviews.library import Library
    from api.settings import load_settings

    settings = load_settings()
    async with AsyncExitStack() as stack:
        engine = None
        if settings.llm_url is not None:
            from api.drafting.modelled import ModelDrafter
            from api.model.opening import open_model

            if (model := open_model(settings)) is not None:
                stack.push_async_callback(model.aclose)
                engine = ModelDrafter(model)
        return await Drafting(Structured(Library()), engine).draft(wanted)


def _text(given: str) -> str:
    if given == "-":
        text = sys.stdin.read(LONGEST + 1)
    elif len(given) < 256 and "\n" not in given and Path(given).is_file():
        text = _file(Path(given))
    else:
        text = given
    if len(text) > LONGEST:
        raise typer.BadParameter(f"is longer than {LONGEST} characters", param_hint="TEXT")
    return text


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{path} is no UTF-8 text", param_hint="FILE") from None


def _wanted(**values: object) -> "DraftIn":
    from pydantic import ValidationError

    from api.drafting.schemas import DraftIn

    try:
        return DraftIn.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place, said = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        raise typer.BadParameter(f"{said} ({place})") from None


def _yaml(made: "DraftOut") -> str:
    import yaml

    text: str = yaml.safe_dump(
        _plain(made.plan.model_dump(mode="json", exclude_defaults=True)),
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
    )
    return f"# Drafted by vivavoce ({made.engine.value} engine).\n{text}"


def _plain(value: Any) -> Any:
    """The levels of anchors as numbers, which JSON has no keys for."""
    if isinstance(value, dict):
        return {int(name) if name.isdecimal() else name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _page(made: "DraftOut") -> Iterator[str]:
    level = made.seniority.level.value if made.seniority else "any level"
    yield f"{made.title} · {level} · {made.minutes:g} minutes · {len(made.questions)} questions"
    yield f"made by the {made.engine.value} engine" + (f": {made.fallback_reason}" if made.fallback_reason else "")
    yield "\nWhat is judged"
    for criterion in made.criteria:
        yield f"  {criterion.weight * 100:3.0f} %  {criterion.name}: {criterion.description}"
        yield from (f"           {level}  {anchor}" for level, anchor in criterion.anchors.items())
    by_id = {question.id: question for question in made.questions}
    for plain in filter(None, [made.rapport, *made.opening]):
        yield f"\n  (not judged) {plain.text}"
    for section in made.sections:
        yield f"\n{section.name[:1].upper()}{section.name[1:]} · {section.minutes:g} minutes"
        for id_ in section.question_ids:
            yield from _asked(by_id[id_])
    if made.closing:
        yield f"\n  (not judged) {made.closing.text}"
    for heading, sentences in (("Why", made.because), ("Mind", made.warnings)):
        if sentences:
            yield f"\n{heading}"
            yield from (f"  {sentence}" for sentence in sentences)


def _asked(question: "QuestionOut") -> Iterator[str]:
    optional = ", if there is time" if question.priority == "optional" else ""
    yield f"\n  {question.text}  [{question.minutes:g} min{optional}]"
    yield f"    why       {question.because}"
    yield from (f"    {'probe':9} {probe}" for probe in question.probes.values())
    for name, answers in question.listen_for.model_dump().items():
        yield from (f"    {name:9} {answer}" for answer in answers)
