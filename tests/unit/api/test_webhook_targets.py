"""Where webhooks may lead."""

import asyncio
from collections.abc import Sequence

import pytest

from api.errors import Invalid
from api.webhooks.targets import Resolve, Targets, is_public


def resolving(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


def public_only(*addresses: str) -> Targets:
    return Targets(allow_private=False, resolve=resolving(*addresses))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",  # Alibaba's metadata
        "127.0.0.1",
        "127.9.9.9",
        "168.63.129.16",  # Azure's metadata
        "169.254.169.254",  # metadata nearly everywhere
        "169.254.170.2",  # of containers at Amazon
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",  # Oracle's metadata
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",  # 10.0.0.1 behind NAT64
        "64:ff9b:1::1",
        "100::1",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::",  # 127.0.0.1 in 6to4
        "fc00::1",
        "fd00:ec2::254",  # Amazon's metadata
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
async def test_an_address_inside_somebodys_network_is_refused_whatever_name_it_has(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(Invalid, match="not a public address") as refused:
        await public_only(address).locate("https://hooks.example.org/a")
    assert address in str(refused.value)
    assert refused.value.complaints[0].loc == ("body", "url")
    assert "WEBHOOK_ALLOW_PRIVATE" in refused.value.complaints[0].todo


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
async def test_a_public_address_is_the_one_connected_to(address: str) -> None:
    target = await public_only(address).locate("https://hooks.example.org/a?b=c")
    assert (target.address, str(target.url)) == (address, "https://hooks.example.org/a?b=c")


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Invalid, match=r"10\.0\.0\.1"):
        await public_only("8.8.8.8", "10.0.0.1").locate("https://hooks.example.org/")


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://hooks.example.org/", "not https"),
        ("ftp://hooks.example.org/", "not https"),
        ("hooks.example.org/a", "missing"),
        ("https://", "names no host"),
        ("https:///a", "names no host"),
        ("https://me:secret@hooks.example.org/", "user name or password"),
        ("https://hooks.example.org/#a", "fragment"),
        ("https://hooks.example.org:0/", "no port 0"),
        ("https://hooks.example.org:65536/", "no port 65536"),
        ("https://hooks.example.org:no/", "can't be read"),
        ("https://999.1.1.1/", "can't be read"),
        ("https://ho\x00oks.example.org/", "can't be read"),
        ("https://\ud800.example.org/", "can't be read"),
        (f"https://hooks.example.org/{'a' * 2000}", "longer than 2000"),
    ],
)
async def test_what_is_no_address_of_a_webhook_is_told_why(url: str, what: str) -> None:
    with pytest.raises(Invalid, match=what) as refused:
        await public_only("8.8.8.8").locate(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://[::ffff:7f00:1]/", "https://localhost/"],
)
async def test_other_spellings_of_this_machine_are_seen_through_by_the_systems_resolver(url: str) -> None:
    with pytest.raises(Invalid):
        await Targets(allow_private=False).locate(url)


async def test_a_name_without_an_address_is_refused() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    for targets in (Targets(allow_private=False, resolve=unknown), public_only()):
        with pytest.raises(Invalid, match="has no address"):
            await targets.locate("https://hooks.example.org/")


async def test_a_resolver_that_hangs_does_not_hold_anybody_up() -> None:
    async def hanging(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(3600)
        return ()

    with pytest.raises(Invalid, match="in time"):
        await Targets(allow_private=False, resolve=hanging).locate("https://hooks.example.org/")


async def test_an_operator_may_allow_plain_http_and_private_addresses() -> None:
    target = await Targets(allow_private=True, resolve=resolving("10.0.0.1")).locate("http://hooks.internal/")
    assert target.address == "10.0.0.1"
    with pytest.raises(Invalid, match="not https"):
        await Targets(allow_private=True, resolve=resolving("10.0.0.1")).locate("gopher://hooks.internal/")
