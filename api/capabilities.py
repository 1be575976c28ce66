"""What this server can do: languages, styles, tones, voices and limits, read from the code that decides them."""

import asyncio
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import structlog
from annotated_types import Le, MaxLen
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from api.agents import MOST_FOLLOWUPS, MOST_FOLLOWUPS_IN_ALL, MOST_PRONUNCIATIONS, Focus, Product, Tone
from api.auth import Caller
from api.callers import anybody
from api.jobs import MOST_SKILLS
from api.languages import ALIASES, LANGUAGES, primary
from api.links import LONGEST
from api.postings import MOST_ATTEMPTS, Visibility
from api.postings.embeds import MOST_KEYS
from api.postings.schemas import LONGEST_LIFE_S, LONGEST_OVERLAP_S, MOST_ORIGINS
from api.postings.signing import LONGEST_S
from api.problems import responses
from api.services import TheServices
from api.settings import Settings
from api.templates.conduct import MOST_QUESTIONS, ResultView, SessionRecording, Style
from api.templates.criteria import MOST_CRITERIA
from audio.errors import SpeechUnavailable, VoiceMissing
from audio.models import DEFAULT_MODEL
from audio.tts.espeak import EspeakVoice
from audio.tts.voices import NAMES
from bot.plan import Plan, Section
from prompts import languages as spoken_by_the_bot

ENGLISH = frozenset({"en"})  # what recogniser, voice and whole interviews are measured in, and the rules of rating read
OTHER_NAMES = {"nb": "no", "fil": "tl"}  # Whisper's

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1/capabilities", tags=["capabilities"])


class Grade(StrEnum):
    """How far a part can be relied on: measured, there but not measured, missing, or another server's to say."""

    VALIDATED = "validated"
    AVAILABLE = "available"
    NONE = "none"
    UNKNOWN = "unknown"


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True)


class LanguageOut(_Out):
    """One language: whether it is understood (stt) and spoken (tts), the bot leads in it (brain), answers are rated."""

    tag: str
    stt: Grade
    tts: Grade
    brain: Grade
    scoring: Grade


class VoiceOut(_Out):
    """One voice by the name to ask for it with. sounds_like: the voice behind the name."""

    name: str
    sounds_like: str


class CapabilitiesOut(_Out):
    """What this server can do. aliases: other names of languages. voices: empty where another's server speaks."""

    languages: list[LanguageOut]
    aliases: dict[str, str]
    products: list[Product]
    focuses: list[Focus]
    styles: list[Style]
    tones: list[Tone]
    result_views: list[ResultView]
    session_recordings: list[SessionRecording]
    visibilities: list[Visibility]
    voices: list[VoiceOut]
    limits: dict[str, int | float]


@dataclass(frozen=True, slots=True)
class _Part:
    """The languages one part knows, by their codes; None: another's server, which can't be asked."""

    known: frozenset[str] | None
    validated: frozenset[str] = frozenset()

    def grade(self, tag: str) -> Grade:
        """Return how far it can be relied on in one language."""
        if self.known is None:
            return Grade.UNKNOWN
        code = primary(tag)
        if code in self.validated:
            return Grade.VALIDATED
        return Grade.AVAILABLE if {code, OTHER_NAMES.get(code)} & self.known else Grade.NONE


class Capabilities:
    """Finds out what the server of `settings` can do; what it takes another program to tell is asked once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: CapabilitiesOut | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get(self) -> CapabilitiesOut:
        """Return what can be done."""
        async with self._one_at_a_time:
            if self._found is None:
                self._found = await self._find()
        return self._found

    async def _find(self) -> CapabilitiesOut:
        stt, tts, brain = await self._understood(), await self._spoken(), _Part(frozenset(spoken_by_the_bot()), ENGLISH)
        scoring = _Part(ENGLISH)
        return CapabilitiesOut(
            languages=[
                LanguageOut(
                    tag=tag,
                    stt=stt.grade(tag),
                    tts=tts.grade(tag),
                    brain=brain.grade(tag),
                    scoring=scoring.grade(tag),
                )
                for tag in LANGUAGES
            ],
            aliases=dict(ALIASES),
            products=list(Product),
            focuses=list(Focus),
            styles=list(Style),
            tones=list(Tone),
            result_views=list(ResultView),
            session_recordings=list(SessionRecording),
            visibilities=list(Visibility),
            voices=[VoiceOut(name=name, sounds_like=NAMES[name]) for name in sorted(NAMES)]
            if self._settings.embedded_tts
            else [],
            limits=limits(self._settings),
        )

    async def _understood(self) -> _Part:
        if not self._settings.embedded_stt:
            return _Part(None)
        model = self._settings.stt_model or DEFAULT_MODEL
        if model.endswith(".en"):
            return _Part(ENGLISH)
        known = frozenset(await asyncio.to_thread(_languages_of_whisper))
        return _Part(known, ENGLISH if model == DEFAULT_MODEL else frozenset())

    async def _spoken(self) -> _Part:
        if not self._settings.embedded_tts:
            return _Part(None)
        espeak = EspeakVoice()
        try:
            await espeak.start()
        except (VoiceMissing, SpeechUnavailable) as why:
            log.warning("voice_missing", why=str(why))  # English has another
        finally:
            await espeak.aclose()
        neural = ENGLISH if importlib.util.find_spec("hibari") else frozenset()
        return _Part(frozenset(espeak.languages) | neural, neural)


def limits(settings: Settings) -> dict[str, int | float]:
    """Return the numbers that requests are held to, each from where it is enforced."""
    return {
        "body_bytes": settings.max_body_bytes,
        "plan_minutes": _most(Plan, "minutes"),
        "plan_sections": _most(Plan, "sections"),
        "section_questions": _most(Section, "questions"),
        "template_questions": MOST_QUESTIONS,
        "followups_per_question": MOST_FOLLOWUPS,
        "followups_in_all": MOST_FOLLOWUPS_IN_ALL,
        "pronunciations": MOST_PRONUNCIATIONS,
        "job_skills": MOST_SKILLS,
        "criteria": MOST_CRITERIA,
        "attempts": MOST_ATTEMPTS,
        "join_link_s": LONGEST.total_seconds(),
        "call_s": settings.max_duration_s,
        "embed_keys": MOST_KEYS,
        "embed_key_life_s": LONGEST_LIFE_S,
        "embed_key_overlap_s": LONGEST_OVERLAP_S,
        "embed_origins": MOST_ORIGINS,
        "embed_visit_s": LONGEST_S,
    }


def _most(model: type[BaseModel], field: str) -> int | float:
    for rule in model.model_fields[field].metadata:
        if isinstance(rule, MaxLen):
            return rule.max_length
        if isinstance(rule, Le) and isinstance(rule.le, int | float):
            return rule.le
    raise LookupError(f"{model.__name__}.{field} has no limit")


def _languages_of_whisper() -> Iterable[str]:
    from faster_whisper.tokenizer import _LANGUAGE_CODES  # what a multilingual model answers, without loading one

    return tuple(map(str, _LANGUAGE_CODES))


@router.get("", responses=responses(401), operation_id="get_capabilities")
async def get(services: TheServices, caller: Annotated[Caller, Depends(anybody)]) -> CapabilitiesOut:
    """Say what this server can do: languages and how far each goes, styles, tones, voices, limits."""
    return await services.capabilities.get()
