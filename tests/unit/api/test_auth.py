"""Tokens and join links: what they open, and that nothing else does."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from api.auth import LEEWAY_S, REMEMBERED, UPLINK_AUDIENCE, Tokens, bearer, signing_secret
from api.errors import Forbidden, LacksScope, PeopleOnly, Unauthorised
from api.issuer import AgreedSecret, Issuer, usable_keys
from api.links import Links
from bot.interview import Role
from tests.fakes.issuer import RSA, key_set

SECRET = "an-agreed-secret-of-more-than-thirty-two-bytes"
HOUR = timedelta(hours=1)


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET)


@pytest.fixture
def links() -> Links:
    return Links(SECRET, "https://voice.example.org")


def test_a_token_says_whose_it_is_and_what_it_allows(tokens: Tokens) -> None:
    caller = tokens.caller(tokens.issue("acme", ["interview:read"], expires_in=HOUR, subject="ci"))
    assert (caller.tenant, caller.subject) == ("acme", "ci")
    caller.require("interview:read")
    with pytest.raises(LacksScope, match="interview:create") as refused:
        caller.require("interview:create")
    assert refused.value.required == "interview:create"
    tokens.caller(tokens.issue("acme", expires_in=HOUR)).require("privacy:erase")


@pytest.mark.parametrize(
    ("name", "allows", "forbids"),
    [
        ("role:admin", "key:manage", None),
        ("role:recruiter", "interview:conduct", "interview:decide"),
        ("role:interviewer", "copilot:use", "interview:create"),
        ("role:decider", "interview:decide", "job:create"),
        ("interviews:write", "interview:delete", "transcript:read"),
        ("read:interviews", "transcript:read", "interview:create"),
        ("write:candidates", "candidate:update", "candidate:delete"),
        ("delete:jobs", "job:delete", "job:read"),
        ("role:nobody", None, "interview:read"),
        ("bots:write", None, "interview:read"),
    ],
)
def test_roles_and_other_names_stand_for_scopes(
    tokens: Tokens, name: str, allows: str | None, forbids: str | None
) -> None:
    caller = tokens.caller(tokens.issue("acme", [name], expires_in=HOUR))
    if allows is not None:
        caller.require(allows)
    if forbids is not None:
        with pytest.raises(LacksScope):
            caller.require(forbids)


def test_each_kind_of_token_opens_only_its_own_door(tokens: Tokens, links: Links) -> None:
    api = tokens.issue("acme", expires_in=HOUR)
    uplink = tokens.issue_uplink("int_1", "att_1", 1, expires_in=HOUR)
    link = links.issue("int_1", Role.CANDIDATE, "Ann", expires_in=HOUR).token
    for wrong in (uplink, link):
        with pytest.raises(Unauthorised, match="not a token of this server"):
            tokens.caller(wrong)
    for wrong in (api, link):
        with pytest.raises(Unauthorised, match="not a token of this server"):
            tokens.uplink(wrong)
    for wrong in (api, uplink):
        with pytest.raises(Unauthorised, match="not a join link"):
            links.verify(wrong, "int_1")


@pytest.mark.parametrize(
    "claims",
    [
        {"tenant": "acme", "scopes": ["*"], "sub": "x"},
        {"tenant": "acme", "scopes": ["*"], "sub": "x", "exp": 4e9, "aud": "api", "iss": "somebody-else"},
        {"tenant": "acme", "scopes": ["*"], "sub": "x", "exp": 4e9, "iss": "vivavoce"},
        {"scopes": ["*"], "sub": "x", "exp": 4e9, "aud": "api", "iss": "vivavoce"},
        {"tenant": 7, "scopes": ["*"], "sub": "x", "exp": 4e9, "aud": "api", "iss": "vivavoce"},
        {"tenant": "acme", "scopes": "*", "sub": "x", "exp": 4e9, "aud": "api", "iss": "vivavoce"},
    ],
)
def test_well_signed_tokens_with_the_wrong_claims_are_refused(tokens: Tokens, claims: dict[str, object]) -> None:
    with pytest.raises(Unauthorised):
        tokens.caller(jwt.encode(claims, SECRET, "HS256"))


def test_tokens_that_are_not_signed_by_us_are_refused(tokens: Tokens, links: Links) -> None:
    good = tokens.issue("acme", expires_in=HOUR)
    header, payload, signature = good.split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    other = Tokens(SECRET[::-1]).issue("acme", expires_in=HOUR)
    for forged in (
        f"{unsigned}.{payload}.",
        f"{unsigned}.{payload}.{signature}",
        other,
        f"{header}.{payload}.",
        "",
        "ü",
        f"{base64.urlsafe_b64encode(b'[' * 20_000).decode()}.{payload}.{signature}",
    ):
        with pytest.raises(Unauthorised) as refusal:
            tokens.caller(forged)
        assert refusal.value.reason == "forged"
        with pytest.raises(Unauthorised):
            links.verify(forged, "int_1")


def test_what_is_over_is_called_expired(tokens: Tokens) -> None:
    with pytest.raises(Unauthorised) as refusal:
        tokens.caller(tokens.issue("acme", expires_in=timedelta(minutes=-1)))
    assert refusal.value.reason == "expired"


def test_a_token_that_was_good_is_refused_once_it_has_expired(tokens: Tokens) -> None:
    token = tokens.issue("acme", expires_in=timedelta(seconds=2 - LEEWAY_S))
    assert tokens.caller(token) == tokens.caller(token)
    time.sleep(2.1)
    with pytest.raises(Unauthorised) as refused:
        tokens.caller(token)
    assert refused.value.reason == "expired"


def test_more_tokens_than_are_remembered_are_all_good(tokens: Tokens) -> None:
    several = [tokens.issue("acme", expires_in=timedelta(hours=1), subject=str(n)) for n in range(REMEMBERED + 10)]
    for _ in range(2):
        assert [tokens.caller(token).subject for token in several] == [str(n) for n in range(REMEMBERED + 10)]


def test_a_link_seats_one_person_in_one_room(links: Links) -> None:
    link = links.issue("int_1", Role.OBSERVER, "Olga Ö.", expires_in=HOUR, participant_id="olga")
    assert link.url == f"https://voice.example.org/room/int_1#{link.token}"
    assert links.verify(link.token, "int_1") == link.seat
    assert (link.seat.participant_id, link.seat.name, link.seat.role) == ("olga", "Olga Ö.", Role.OBSERVER)
    with pytest.raises(Forbidden) as refusal:
        links.verify(link.token, "int_2")
    assert refusal.value.reason == "other_interview"


def test_two_people_with_one_name_are_two_people(links: Links) -> None:
    seats = [links.issue("int_1", Role.OBSERVER, "Ann", expires_in=HOUR).seat for _ in range(2)]
    assert seats[0].participant_id != seats[1].participant_id


def test_observers_may_not_publish_in_a_livekit_room_either(links: Links) -> None:
    token = links.issue("int_1", Role.OBSERVER, "Olga", expires_in=HOUR).token
    grants = jwt.decode(token, SECRET, algorithms=["HS256"])["video"]
    assert (grants["roomJoin"], grants["room"], grants["canPublish"]) == (True, "int_1", False)


@pytest.mark.parametrize("expires_in", [timedelta(0), timedelta(days=31), timedelta(seconds=-1)])
def test_a_link_is_good_for_a_month_at_most(links: Links, expires_in: timedelta) -> None:
    with pytest.raises(ValueError, match="30 days"):
        links.issue("int_1", Role.CANDIDATE, "Ann", expires_in=expires_in)


def test_a_link_that_has_expired_or_names_no_role_is_refused(links: Links) -> None:
    claims = {"sub": "x", "iss": "vivavoce", "video": {"roomJoin": True, "room": "int_1"}}
    over = jwt.encode(claims | {"exp": 1, "attributes": {"role": "candidate"}}, SECRET, "HS256")
    with pytest.raises(Unauthorised) as refusal:
        links.verify(over, "int_1")
    assert refusal.value.reason == "expired"
    for attributes in ({}, {"role": "king"}, None, "candidate", {"role": ["candidate"]}):
        odd = jwt.encode(claims | {"exp": 4e9, "attributes": attributes}, SECRET, "HS256")
        with pytest.raises(Unauthorised, match="not a join link"):
            links.verify(odd, "int_1")


def test_who_came_in_before_the_clock_was_set_back_comes_in_again(links: Links, tokens: Tokens) -> None:
    later = int((datetime.now(UTC) + timedelta(hours=4)).timestamp())
    claims = {"sub": "x", "iss": "vivavoce", "exp": later + 60}
    video = {"video": {"roomJoin": True, "room": "int_1"}, "attributes": {"role": "candidate"}}
    assert links.verify(jwt.encode(claims | video | {"nbf": later}, SECRET, "HS256"), "int_1").participant_id == "x"
    bot = {"aud": UPLINK_AUDIENCE, "interview": "int_1", "epoch": 1, "iat": later}
    assert tokens.uplink(jwt.encode(claims | bot, SECRET, "HS256")).attempt_id == "x"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Token abc", "bearer"])
def test_a_missing_token_is_called_missing(header: str | None) -> None:
    with pytest.raises(Unauthorised) as refusal:
        bearer(header)
    assert refusal.value.reason == "missing"
    assert bearer("bearer  abc ") == "abc"


def test_processes_that_make_the_key_at_once_agree_on_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret"
    found: list[str] = []
    threads = [Thread(target=lambda: found.append(signing_secret(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_of_a_key_set_only_what_can_check_signatures_is_used() -> None:
    good = key_set("rsa", "ec")["keys"]
    small = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key(), as_dict=True)
    secret = {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET.encode()).decode()}
    useless: list[Any] = [
        small | {"kid": "small"},
        secret | {"kid": "secret"},
        RSAAlgorithm.to_jwk(RSA, as_dict=True) | {"kid": "private"},
        good[0] | {"kid": "for-encryption", "use": "enc"},
        good[0] | {"kid": "other-algorithm", "alg": "RS512"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "broken"},
        "a string",
    ]
    assert usable_keys(json.dumps({"keys": [*useless, *good]}).encode()).keys() == {"rsa", "ec"}
    for nothing in ({"keys": useless}, {"keys": {}}, [], {}):
        with pytest.raises(ValueError, match="no RS256 or ES256 key"):
            usable_keys(json.dumps(nothing).encode())


@pytest.mark.parametrize(
    ("claims", "person"),
    [
        ({}, True),
        ({"client_id": "ats", "azp": "ats"}, True),
        ({"client_id": "ann"}, False),
        ({"azp": "ann"}, False),
        ({"gty": "client-credentials"}, False),
    ],
)
async def test_an_issuers_client_that_speaks_for_itself_is_no_person(claims: dict[str, str], person: bool) -> None:
    key = jwt.PyJWK({"kty": "oct", "k": jwt.utils.base64url_encode(SECRET.encode()).decode()}, "HS256")
    issuer = Issuer(AgreedSecret(key), None, None, "tenant", "scopes")
    body = {"tenant": "acme", "sub": "ann", "scopes": ["*"], "exp": time.time() + 60} | claims
    caller = await issuer.caller(jwt.encode(body, SECRET, "HS256"))
    assert caller.person is person
    if not person:
        with pytest.raises(PeopleOnly, match="'ann' is a program"):
            caller.require_person()
