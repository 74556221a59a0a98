"""The provider's keys: read when needed, at a bounded rate, and kept while the provider is away."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.citizens import ISSUER, LEVEL, PORTAL, Signer, claims, encoded, key_set
from trustmed.region.citizens.binding import PortalKeyRefused, thumbprint_in
from trustmed.region.citizens.compact import GostKey, is_signed, parse_compact
from trustmed.region.citizens.errors import ProviderAway
from trustmed.region.citizens.keys import KeysBroken, ProviderKeys, read_keys
from trustmed.signature import gost_engine
from trustmed.signature.gost import gost_available
from trustmed.topology.file.citizens import Citizens, citizens_problems

FIRST, SECOND = Signer(kid="first"), Signer(kid="second")


class Published:
    """What the provider publishes, and how often it was asked."""

    def __init__(self) -> None:
        self.body = json.dumps(key_set(FIRST)).encode()
        self.status = 200
        self.asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/jwks"


@pytest.fixture
def published() -> Iterator[Published]:
    made = Published()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def keys_at(place: str, clock: Clock, folder: Path = Path()) -> ProviderKeys:
    return ProviderKeys(Citizens(issuer=ISSUER, keys=place, levels=(LEVEL,)), folder, clock)


async def test_a_new_key_is_fetched_once_in_a_while_and_never_at_every_call(published: Published):
    clock = Clock()
    keys = keys_at(published.address, clock)
    assert len(await keys.find("ES256", "first")) == 1
    for _ in range(5):
        assert await keys.find("ES256", "second") == ()
    assert published.asked == 1
    published.body = json.dumps(key_set(FIRST, SECOND)).encode()
    clock.now += 31
    assert len(await keys.find("ES256", "second")) == 1
    assert published.asked == 2
    assert await keys.find("RS256", "second") == ()


async def test_keys_serve_on_while_the_provider_is_away_for_a_day_at_most(published: Published):
    clock = Clock()
    keys = keys_at(published.address, clock)
    await keys.find("ES256", "first")
    for status in (503, 302):
        published.status = status
        clock.now += 31
        assert await keys.find("ES256", "unknown") == ()
        assert await keys.find("ES256", "first")
    clock.now += 86_400
    with pytest.raises(ProviderAway):
        await keys.find("ES256", "first")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": 1}', b"x" * 300_000])
async def test_without_any_key_nobody_is_believed(published: Published, body: bytes):
    published.body = body
    with pytest.raises(ProviderAway):
        await keys_at(published.address, Clock()).find("ES256", "first")


async def test_keys_of_a_file_are_read_again_when_it_changes(tmp_path: Path):
    keys = keys_at("keys.json", Clock(), tmp_path)
    with pytest.raises(ProviderAway):
        await keys.find("ES256", "first")
    (tmp_path / "keys.json").write_text(json.dumps(key_set(FIRST)))
    assert await keys.find("ES256", "first")
    (tmp_path / "keys.json").write_text(json.dumps(key_set(FIRST, SECOND)))
    assert await keys.find("ES256", "second")
    (tmp_path / "keys.json").write_text("half of a fi")
    assert await keys.find("ES256", "second")


def test_keys_for_encryption_and_private_keys_are_left_out():
    told = key_set(FIRST, SECOND)
    told["keys"][0]["use"] = "enc"
    told["keys"] += [{"kty": "oct", "k": "eA", "kid": "x"}, {**PORTAL.jwk, "d": "eA"}, "text", None, {"kty": "EC"}]
    assert [one.kid for one in read_keys(json.dumps(told).encode())] == ["second"]
    told["keys"] = told["keys"][2:]
    with pytest.raises(KeysBroken):
        read_keys(json.dumps(told).encode())


def pem_of(signer: Signer) -> bytes:
    return signer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_keys_of_pem_are_read_and_a_portals_key_is_told_by_its_thumbprint():
    other = Signer(rsa.generate_private_key(65537, 2048))
    assert len(read_keys(pem_of(FIRST) + pem_of(other))) == 2
    assert thumbprint_in(pem_of(PORTAL)) == PORTAL.thumbprint == thumbprint_in(json.dumps(PORTAL.jwk).encode())
    assert thumbprint_in(pem_of(other)) == other.thumbprint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        json.dumps({**PORTAL.jwk, "d": "eA"}).encode(),
        pem_of(FIRST) + pem_of(SECOND),
        pem_of(Signer(ec.generate_private_key(ec.SECP256R1()))).replace(b"M", b"!", 1),
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ],
)
def test_a_file_without_one_public_key_binds_nothing(content: bytes):
    with pytest.raises(PortalKeyRefused):
        thumbprint_in(content)


@pytest.mark.skipif(not gost_available().ok, reason="OpenSSL has no engine gost here")
def test_a_token_signed_by_gost_is_verified_with_a_key_of_gost_alone():
    private = gost_engine.generate(256)
    (key,) = (one.key for one in read_keys(gost_engine.public_pem(private)))
    assert isinstance(key, GostKey)
    head = encoded(json.dumps({"alg": "GOST3410_2012_256", "typ": "JWT", "sbt": "id"}).encode())
    signed = f"{head}.{encoded(json.dumps(claims('11223344595')).encode())}"
    text = f"{signed}.{encoded(gost_engine.sign(256, private, signed.encode()))}"
    token = parse_compact(text, ("jwt",), ("GOST3410_2012_256",))
    assert is_signed(token, key)
    (stranger,) = (one.key for one in read_keys(gost_engine.public_pem(gost_engine.generate(256))))
    assert not is_signed(token, stranger)
    (ordinary,) = (one.key for one in read_keys(pem_of(FIRST)))
    assert not is_signed(token, ordinary)
    spoiled = f"{signed}.{encoded(b'x' * 64)}"
    assert not is_signed(parse_compact(spoiled, ("jwt",), ("GOST3410_2012_256",)), key)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"issuer": ""}, "issuer"),
        ({"keys": "http://esia.gosuslugi.ru/jwks"}, "keys"),
        ({"keys": "ftp://127.0.0.1/jwks"}, "keys"),
        ({"levels": ()}, "levels"),
        ({"algorithms": ()}, "algorithms"),
        ({"longest_age_seconds": 10**6}, "longest_age_seconds"),
        ({"leeway_seconds": 3600}, "leeway_seconds"),
        ({"address": "http://region.test"}, "address"),
    ],
)
def test_settings_that_let_strangers_in_are_refused(wrong: dict[str, object], named: str):
    right = {"issuer": ISSUER, "keys": "https://provider.test/jwks", "levels": (LEVEL,)}
    told: dict[str, object] = right | wrong
    assert [problem.path[-1] for problem in citizens_problems(Citizens(**told))] == [named]  # ty: ignore[invalid-argument-type]
    assert list(citizens_problems(Citizens(**right))) == []  # ty: ignore[invalid-argument-type]
