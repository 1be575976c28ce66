"""What publishing takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.agents import AgentOut
from api.drafting.schemas import DocumentIn, ScoringIn
from api.interviews.schemas import InterviewOut
from api.jobs import JobOut, Seniority
from api.postings import PostingOut
from api.postings.schemas import NewEmbedKeyOut
from api.templates import TemplateOut
from bot.plan import Plan


@dataclass(frozen=True, slots=True)
class Position:
    """What the interviews are for. texts: what is known of it, in plain words; expectations: of the candidate.

    language: a BCP 47 tag. question_count: at most so many that are judged; minutes: the whole interview, None: as its
    questions need. documents: what a style that asks about documents asks about. scoring: what differs for criteria.
    """

    title: str
    location: str
    language: str
    texts: tuple[str, ...]
    seniority: Seniority | None
    question_count: int
    minutes: float | None
    expectations: str | None = None
    documents: tuple[DocumentIn, ...] = ()
    scoring: Mapping[str, ScoringIn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be published: a template of the tenant's, and what differs from it.

    template, agent: merge patches (RFC 7396) for the copies that are made; job, posting: fields of the new records.
    known_as: what the request is recognised by when it comes again with the same external_ref.
    """

    template_id: str
    position: Position
    agent: Mapping[str, Any]
    template: Mapping[str, Any]
    job: Mapping[str, Any]
    posting: Mapping[str, Any]
    known_as: str
    embedded: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What was made of a position. plan: None where there are no questions in its language.

    inferred: how senior, read from the texts; warnings: in sentences.
    """

    plan: Plan | None
    description: str
    inferred: Seniority | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A posting with all that it consists of."""

    posting: PostingOut
    template: TemplateOut
    agent: AgentOut
    job: JobOut | None


@dataclass(frozen=True, slots=True)
class Published:
    """A new offer. key: of the page that embeds it, shown this once; embed_id: also where the key was shown before."""

    offer: Offer
    warnings: tuple[str, ...]
    embed_id: str | None = None
    key: NewEmbedKeyOut | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Merge patches (RFC 7396) for what an offer consists of; an empty one changes nothing."""

    posting: Mapping[str, Any]
    template: Mapping[str, Any]
    agent: Mapping[str, Any]
    job: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Admitted:
    """A candidate's interview of a posting. again: it was there already."""

    interview: InterviewOut
    again: bool
