"""The providers' protocols, with messages as their documentation shows them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.phone.signatures import is_public_key, signed_by_telnyx, signed_by_twilio
from api.phone.wires import MULAW, PlainWire, TelnyxWire, TwilioWire, Wire
from bot.errors import BadFrame
from bot.platforms.phone import frames
from bot.platforms.phone.frames import Clear, Digit, Frame, Mark, Start, Stop

CALL, STREAM, ACCOUNT = "CA" + "X" * 32, "MZ" + "X" * 32, "AC" + "X" * 32
# https://www.twilio.com/docs/voice/media-streams/websocket-messages
TWILIO: list[tuple[dict[str, Any], list[Frame]]] = [
    ({"event": "connected", "protocol": "Call", "version": "1.0.0"}, []),
    (
        {
            "event": "start",
            "sequenceNumber": "1",
            "start": {
                "accountSid": ACCOUNT,
                "streamSid": STREAM,
                "callSid": CALL,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"FirstName": "Jane", "LastName": "Doe", "RemoteParty": "Bob"},
            },
            "streamSid": STREAM,
        },
        [MULAW],
    ),
    (
        {
            "event": "media",
            "sequenceNumber": "4",
            "media": {"track": "inbound", "chunk": "2", "timestamp": "5", "payload": "no+JhoaJjpzS"},
            "streamSid": STREAM,
        },
        [base64.b64decode("no+JhoaJjpzS")],
    ),
    (
        {
            "event": "media",
            "sequenceNumber": "3",
            "media": {"track": "outbound", "chunk": "1", "timestamp": "5", "payload": "no+JhoaJjpzS"},
            "streamSid": STREAM,
        },
        [],
    ),
    (
        {"event": "dtmf", "streamSid": STREAM, "sequenceNumber": "5", "dtmf": {"track": "inbound_track", "digit": "1"}},
        [Digit("1")],
    ),
    ({"event": "mark", "sequenceNumber": "4", "streamSid": STREAM, "mark": {"name": "my label"}}, [Mark("my label")]),
    (
        {
            "event": "stop",
            "sequenceNumber": "5",
            "stop": {"accountSid": ACCOUNT, "callSid": CALL},
            "streamSid": STREAM,
        },
        [Stop()],
    ),
    ({"event": "something-new", "streamSid": STREAM}, []),
]
# https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket
TELNYX: list[tuple[dict[str, Any], list[Frame]]] = [
    ({"event": "connected", "version": "1.0.0"}, []),
    (
        {
            "event": "start",
            "sequence_number": "1",
            "stream_id": "32DE0DEA-53CB-4B21-89A4-9E1819C043BC",
            "start": {
                "user_id": "3E6F995F-85F7-4705-9741-53B116D28237",
                "call_control_id": "v2:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ",
                "call_session_id": "ff55a038-6f5d-11ef-9692-02420aeffb1f",
                "from": "+13122010094",
                "to": "+13122123456",
                "tags": ["TAG1", "TAG2"],
                "client_state": "aGF2ZSBhIG5pY2UgZGF5ID1d",
                "custom_parameters": {"customer_id": "customer_123"},
                "media_format": {"encoding": "PCMU", "sample_rate": 8000, "channels": 1},
            },
        },
        [MULAW],
    ),
    (
        {
            "event": "media",
            "sequence_number": "4",
            "media": {"track": "inbound", "chunk": "2", "timestamp": "5", "payload": "no+JhoaJjpzS"},
            "stream_id": "32DE0DEA-53CB-4B21-89A4-9E1819C043BC",
        },
        [base64.b64decode("no+JhoaJjpzS")],
    ),
    ({"event": "dtmf", "stream_id": "32DE", "sequence_number": "5", "dtmf": {"digit": "0"}}, [Digit("0")]),
    ({"event": "mark", "sequence_number": "7", "stream_id": "32DE", "mark": {"name": "3"}}, [Mark("3")]),
    ({"event": "error", "payload": {"code": 100002, "title": "unknown_error", "detail": "Unknown"}}, []),
    ({"event": "stop", "sequence_number": "9", "stream_id": "32DE", "stop": {"user_id": "u"}}, [Stop()]),
]


@pytest.mark.parametrize(("wire", "messages"), [(TwilioWire(CALL), TWILIO), (TelnyxWire(), TELNYX)])
def test_messages_as_documented(wire: Wire, messages: list[tuple[dict[str, Any], list[Frame]]]) -> None:
    for message, said in messages:
        assert list(wire.read(json.dumps(message))) == said


def test_what_is_sent_to_twilio() -> None:
    wire = TwilioWire(CALL)
    list(wire.read(json.dumps(TWILIO[1][0])))
    assert json.loads(wire.write(b"\x9e\x8f")) == {
        "event": "media",
        "streamSid": STREAM,
        "media": {"payload": "no8="},
    }
    assert json.loads(wire.write(Mark("3"))) == {"event": "mark", "streamSid": STREAM, "mark": {"name": "3"}}
    assert json.loads(wire.write(Clear())) == {"event": "clear", "streamSid": STREAM}


def test_what_is_sent_to_telnyx() -> None:
    wire = TelnyxWire()
    assert json.loads(wire.write(b"\x9e\x8f")) == {"event": "media", "media": {"payload": "no8="}}
    assert json.loads(wire.write(Mark("3"))) == {"event": "mark", "mark": {"name": "3"}}
    assert json.loads(wire.write(Clear())) == {"event": "clear"}


def test_telnyx_sound_is_put_in_order_and_a_lost_piece_is_not_waited_for_long() -> None:
    wire = TelnyxWire()

    def media(chunk: int) -> list[Frame]:
        fields = {"track": "inbound", "chunk": str(chunk), "payload": base64.b64encode(bytes([chunk])).decode()}
        return list(wire.read(json.dumps({"event": "media", "media": fields})))

    told = [media(chunk) for chunk in (1, 3, 2, 4, 2, 6, 7, 8, 9, 5, 10)]
    assert told == [[b"\x01"], [], [b"\x02", b"\x03"], [b"\x04"], [], [], [], [], [b"\x06", b"\x07", b"\x08", b"\x09"],
                    [], [b"\x0a"]]  # fmt: skip


def test_the_plain_form_is_what_it_says() -> None:
    said: list[Frame] = [Start(frames.Encoding.PCM, 16000), b"\x01\x00", Digit("#"), Mark("3"), Stop()]
    assert [list(PlainWire().read(frames.dump(frame))) for frame in said] == [[frame] for frame in said]
    assert list(PlainWire().read('{"event":"stop","lost":true}')) == [Stop()]  # only we know that a line broke
    assert list(PlainWire().read('{"event":"clear"}')) == []
    assert [frames.parse(frames.dump(frame)) for frame in (Clear(), Stop(lost=True))] == [Clear(), Stop(lost=True)]


@pytest.mark.parametrize(
    "message",
    [
        b"\x00",
        "{",
        "[]",
        "[" * 60_000,
        '{"event":"start"}',
        '{"event":"start","start":{"callSid":"CA1"}}',
        '{"event":"media","media":[]}',
        '{"event":"media","media":{"track":"inbound","chunk":"1","payload":"%"}}',
        '{"event":"media","media":{"track":"inbound","chunk":"1","payload":7}}',
        '{"event":"dtmf","dtmf":{"digit":"Z"}}',
        '{"event":"dtmf","dtmf":{"digit":["1"]}}',
        '{"event":"mark","mark":{"name":""}}',
        '{"event":"mark","mark":{"name":"' + "x" * 65 + '"}}',
        '{"event":"media","media":{"payload":"' + "A" * 70_000 + '"}}',
    ],
)
@pytest.mark.parametrize("make", [lambda: TwilioWire(CALL), TelnyxWire])
def test_what_is_not_as_documented_is_refused(make: Any, message: str | bytes) -> None:
    with pytest.raises(BadFrame):
        list(make().read(message))


@pytest.mark.parametrize("chunk", ["-1", "²", "1" * 30, None, 1.5, True and "x"])
def test_telnyx_chunks_are_numbers(chunk: object) -> None:
    message = {"event": "media", "media": {"track": "inbound", "chunk": chunk, "payload": ""}}
    with pytest.raises(BadFrame):
        list(TelnyxWire().read(json.dumps(message)))


# The known answers of Twilio's own validators.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]


@pytest.mark.parametrize(
    ("url", "signature", "good"),
    [
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", True),
        (URL.replace(".com", ".com:1234"), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", True),  # signed without the port
        (URL, "kvajT1Ptam85bY51eRf/AJRuM3w=", True),  # signed with 443
        (URL.replace("https", "http"), "0ZXoZLH/DfblKGATFgpif+LLRf4=", True),  # signed with 80
        (URL.replace("https", "http").replace(".com", ".com:1234"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", True),
        (URL.replace("bar=2", "bar=3"), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", False),
        (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B9=", False),
        (URL, "", False),
        (URL, "ü", False),
    ],
)
def test_twilios_signature(url: str, signature: str, good: bool) -> None:
    assert signed_by_twilio(url, FORM, signature, ["other", "12345"]) is good
    assert not signed_by_twilio(url, FORM, signature, [])
    assert not signed_by_twilio(url, FORM[1:], signature, ["12345"])


def test_twilios_signature_of_names_that_come_twice() -> None:
    form = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]
    assert signed_by_twilio(URL, form, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", ["12345"])


def test_telnyx_signature() -> None:
    key = Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    now = datetime.now(UTC)
    stamp, body = str(int(now.timestamp())), b"CallSid=v3%3Ax"
    signature = base64.b64encode(key.sign(f"{stamp}|".encode() + body)).decode()
    assert signed_by_telnyx(body, stamp, signature, [public], now)
    assert signed_by_telnyx(body, stamp, signature, [public], now + timedelta(minutes=4))
    assert not signed_by_telnyx(body, stamp, signature, [public], now + timedelta(minutes=6))
    assert not signed_by_telnyx(body, stamp, signature, [public], now - timedelta(minutes=6))
    assert not signed_by_telnyx(body + b"x", stamp, signature, [public], now)
    assert not signed_by_telnyx(body, stamp, signature, [], now)
    assert not signed_by_telnyx(body, "9" * 400, signature, [public], now)
    assert (is_public_key(public), is_public_key("c2hvcnQ="), is_public_key("%")) == (True, False, False)
