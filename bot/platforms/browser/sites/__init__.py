"""Sites whose meetings a browser can join: a file of data each."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.state import EndReason


def _standing(word: str) -> str:
    if word not in {"waiting_room", "in_call", *EndReason}:
        raise ValueError(f"{word!r} is neither a place in a meeting nor a reason why it ended")
    return word


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sign(_Data):
    """How a page shows where the bot stands: by any of some words, some elements, or the host it is on by now."""

    is_: Annotated[str, AfterValidator(_standing)]
    words: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.rstrip("_"))


class Switch(_Data):
    """A button that turns a device on or off, and what is seen when it is so."""

    press: str
    seen: str


class People(_Data):
    """How the people in a call are found: each one, their id's attribute, what marks the bot's own, and the name."""

    each: str
    id: str
    own: str
    name: str


class Site(_Data):
    """One site's pages."""

    version: int
    name: str
    hosts: tuple[str, ...]
    path: str
    example: str
    locale: str
    query: Mapping[str, str]
    name_field: tuple[str, ...]
    microphone: Switch
    camera: Switch
    join: tuple[str, ...]
    dismiss: tuple[str, ...]
    leave: str
    before: tuple[Sign, ...]
    during: str
    after: tuple[Sign, ...]
    people: People


@cache
def load_site(name: str) -> Site:
    """Return what is known of a site; its file here has its platform's name."""
    text = resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return Site.model_validate(yaml.safe_load(text))
