"""Signatures, patience and names of webhooks."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from api.webhooks.events import NAMES, names_of
from api.webhooks.patience import back_off, pause
from api.webhooks.signing import derive_secret, signed

ROOT, SALT = "the-data-directory's-signing-key-of-some-length", "00112233445566778899aabbccddeeff"


def test_a_signature_is_the_one_of_the_published_example() -> None:
    """The example of the Standard Webhooks reference libraries."""
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_make_two_signatures() -> None:
    old, new = derive_secret(ROOT, "wh_1", SALT), derive_secret(ROOT, "wh_1", SALT[::-1])
    first, second = signed("msg_1", datetime.now(UTC), b"{}", [new, old])["webhook-signature"].split(" ")
    assert first != second and first.startswith("v1,") and second.startswith("v1,")


def test_a_secret_is_hkdf_of_key_webhook_and_salt() -> None:
    secret = derive_secret(ROOT, "wh_1", SALT)
    kept = hmac.digest(bytes.fromhex(SALT), ROOT.encode(), hashlib.sha256)  # RFC 5869: extract, then expand
    expected = hmac.digest(kept, b"vivavoce webhook wh_1\x01", hashlib.sha256)
    assert secret == "whsec_" + base64.b64encode(expected).decode()
    assert len({secret, derive_secret(ROOT, "wh_2", SALT), derive_secret(ROOT + "x", "wh_1", SALT)}) == 3


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 3600), (6, 14_400), (7, 14_400), (11, 14_400)]
)
def test_the_wait_grows_and_is_spread(attempts: int, seconds: float) -> None:
    assert back_off(attempts, 0.5) == timedelta(seconds=seconds)
    assert back_off(attempts, 0.0) == timedelta(seconds=seconds * 0.8)
    assert back_off(attempts, 1.0) == timedelta(seconds=seconds * 1.2)


def test_ten_failures_open_the_circuit_for_longer_and_longer() -> None:
    assert pause(9) is None
    minutes = [pause(failures) for failures in range(10, 19)]
    assert minutes == [timedelta(minutes=each) for each in (5, 10, 20, 40, 80, 160, 320, 360, 360)]
    assert pause(10_000) == timedelta(hours=6)


def test_a_change_of_status_has_a_name_of_its_own_where_it_matters() -> None:
    def names(previous: str, status: str) -> tuple[str, ...]:
        return names_of("interview.status", {"previous": previous, "status": status})

    assert names("joining", "in_progress") == ("interview.status", "interview.started")
    assert names("reconnecting", "in_progress") == ("interview.status",)
    assert names("evaluating", "no_show") == ("interview.status", "interview.no_show")
    assert names("ready", "joining") == ("interview.status",)
    assert names_of("evaluation.completed", {"interview_id": "i"}) == ("evaluation.completed",)
    assert set(names("evaluating", "completed")) < set(NAMES)
