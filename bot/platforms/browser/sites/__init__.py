"""Sites whose meetings a browser can join: a file of data each, and which of them an address belongs to."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.state import EndReason

LONGEST_URL = 2000
_READ_DIFFERENTLY = re.compile(r"[\s\\\x00-\x1f]")  # by browsers than by Python


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


SiteName = Literal["meet"]
SITES: tuple[SiteName, ...] = ("meet",)


@cache
def load_site(name: str) -> Site:
    """Return what is known of a site; raise `KeyError` for one that isn't."""
    if name not in SITES:
        raise KeyError(name)
    text = resources.files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return Site.model_validate(yaml.safe_load(text))


def site_of(url: str, elsewhere: Mapping[str, str]) -> str | None:
    """Return the name of the site that the meeting at `url` is on, or None.

    elsewhere: where pages of a site are served besides its own hosts, as `http://HOST:PORT` to the site's name. A
    site's own hosts are taken over HTTPS, at its usual port, and without a user name or password in the address.
    """
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and parts.port in (None, 443) and parts.username is None
    except ValueError:
        return None
    if len(url) > LONGEST_URL or parts.hostname is None or _READ_DIFFERENTLY.search(url):
        return None
    named = elsewhere.get(f"{parts.scheme}://{parts.netloc}")
    for name in SITES:
        site = load_site(name)
        if (named == name or (plain and parts.hostname in site.hosts)) and re.fullmatch(site.path, parts.path):
            return name
    return None
