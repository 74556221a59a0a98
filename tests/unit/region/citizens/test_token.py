"""The citizen's token: what the provider gave to this portal, and nothing that only looks like it."""

import datetime as dt
import json
import time
import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.errors import SecurityWarning

from tests.citizens import AUDIENCE, ISSUER, LEVEL, PROVIDER, Signer, claims, encoded, key_set, token
from trustmed.region.citizens.errors import CitizenTokenExpired, CitizenTokenRefused, LevelTooLow
from trustmed.region.citizens.keys import ProviderKey, read_keys
from trustmed.region.citizens.token import Citizen, Tokens
from trustmed.topology.file.citizens import CitizenClaims, Citizens

SNILS = "11223344595"
RSA = Signer(rsa.generate_private_key(65537, 2048), kid="rsa")
SMALL = Signer(rsa.generate_private_key(65537, 1024), kid="small")  # noqa: S505 refused for it
SETTINGS = Citizens(issuer=ISSUER, keys="-", levels=(LEVEL,))


class Keys:
    """Keys at hand, in the place of the provider's."""

    def __init__(self, *signers: Signer) -> None:
        with warnings.catch_warnings(category=SecurityWarning, action="ignore"):  # a key that is too small
            self.keys = read_keys(json.dumps(key_set(*signers)).encode())

    async def find(self, algorithm: str, kid: str | None) -> Sequence[ProviderKey]:
        return [one for one in self.keys if one.serves(algorithm, kid)]


async def verify(text: str, settings: Citizens = SETTINGS, *signers: Signer) -> Citizen:
    keys: Any = Keys(*(signers or (PROVIDER, RSA)))
    return await Tokens(settings, keys).verify(text, AUDIENCE)


async def test_the_citizen_is_read_out_of_a_token_of_either_algorithm():
    for signer in (PROVIDER, RSA):
        found = await verify(signer.sign({}, claims(SNILS, middle_name="Ивановна")))
        assert (found.sub, found.snils, found.patronymic) == ("1000299654", SNILS, "Ивановна")
        assert (found.birth_date, found.key) == (dt.date(1980, 5, 5), None)


async def test_a_token_of_esia_is_read_by_the_names_of_its_claims():
    names = CitizenClaims(level="urn:esia:sbj/urn:esia:sbj:lvl", birth_date="birthDate", surname="lastName")
    settings = Citizens(issuer="http://esia.gosuslugi.ru/", keys="-", levels=("PR",), claims=names)
    subject = {"urn:esia:sbj:typ": "P", "urn:esia:sbj:lvl": "PR", "urn:esia:sbj:is_tru": True}
    more: dict[str, Any] = {
        "lastName": "Проверкина",
        "birthDate": "05.05.1980",
        "urn:esia:sbj": subject,
        "family_name": None,
    }
    text = RSA.sign(
        {"ver": 1, "sbt": "id", "kid": None},
        claims("112-233-445 95", iss=settings.issuer, acr=None, birthdate=None, nbf=int(time.time()), **more),
    )
    found = await verify(text, settings)
    assert (found.level, found.snils, found.birth_date) == ("PR", SNILS, dt.date(1980, 5, 5))
    assert found.surname == "Проверкина"


def unsigned() -> str:
    head = encoded(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    return f"{head}.{encoded(json.dumps(claims(SNILS)).encode())}."


def signed_with_the_public_key() -> str:
    """A token by HMAC whose secret is the provider's public key, as everybody can make."""
    import hmac

    signed = ".".join(encoded(json.dumps(one).encode()) for one in ({"alg": "HS256", "typ": "JWT"}, claims(SNILS)))
    return f"{signed}.{encoded(hmac.digest(json.dumps(RSA.jwk).encode(), signed.encode(), 'sha256'))}"


def twice(text: bytes) -> str:
    return PROVIDER.sign({}, text[:-1] + b', "snils": "11223344595"}')


def altered() -> str:
    head, _, signature = token(SNILS).split(".")
    return f"{head}.{encoded(json.dumps(claims(SNILS, sub='other')).encode())}.{signature}"


def soon(seconds: int) -> int:
    """Return a moment so many seconds from now: a constant would grow old while other tests run."""
    return int(time.time()) + seconds


WRONG = {
    "nothing": lambda: "",
    "no JWS": lambda: "abc",
    "not ASCII": lambda: token(SNILS) + "ы",
    "two parts": lambda: token(SNILS).rpartition(".")[0],
    "alg none": unsigned,
    "alg none with a signature": lambda: PROVIDER.sign({"alg": "none"}, claims(SNILS)),
    "HMAC by a public key": signed_with_the_public_key,
    "another algorithm": lambda: PROVIDER.sign({"alg": "ES512"}, claims(SNILS)),
    "RS256 over an EC key": lambda: PROVIDER.sign({"alg": "RS256"}, claims(SNILS)),
    "a small RSA key": lambda: SMALL.sign({}, claims(SNILS)),
    "a stranger's key": lambda: Signer(kid="first").sign({}, claims(SNILS)),
    "a key in the header": lambda: (stranger := Signer()).sign({"jwk": stranger.jwk}, claims(SNILS)),
    "an unknown kid": lambda: PROVIDER.sign({"kid": "unknown"}, claims(SNILS)),
    "a kid that is no text": lambda: PROVIDER.sign({"kid": 1}, claims(SNILS)),
    "crit": lambda: PROVIDER.sign({"crit": ["exp"]}, claims(SNILS)),
    "b64": lambda: PROVIDER.sign({"b64": True}, claims(SNILS)),
    "an access token": lambda: PROVIDER.sign({"typ": "at+jwt"}, claims(SNILS)),
    "a proof": lambda: PROVIDER.sign({"typ": "dpop+jwt"}, claims(SNILS)),
    "ЕСИА's access token": lambda: PROVIDER.sign({"sbt": "access"}, claims(SNILS)),
    "a claim twice": lambda: twice(json.dumps(claims(SNILS)).encode()),
    "too large": lambda: token(SNILS, filling="x" * 9000),
    "too deep": lambda: PROVIDER.sign({}, b"[" * 5000),
    "no object": lambda: PROVIDER.sign({}, b'"text"'),
    "no JSON": lambda: PROVIDER.sign({}, b"{"),
    "a number that is none": lambda: PROVIDER.sign({}, json.dumps(claims(SNILS, exp=float("inf"))).encode()),
    "altered": altered,
    "another issuer": lambda: token(SNILS, iss="https://other.test/"),
    "no issuer": lambda: token(SNILS, iss=None),
    "another audience": lambda: token(SNILS, aud="other"),
    "no audience": lambda: token(SNILS, aud=None),
    "several audiences, no azp": lambda: token(SNILS, aud=[AUDIENCE, "other"]),
    "given to another": lambda: token(SNILS, aud=[AUDIENCE, "other"], azp="other"),
    "no exp": lambda: token(SNILS, exp=None),
    "exp is a text": lambda: token(SNILS, exp="9999999999"),
    "exp is a truth": lambda: token(SNILS, exp=True),
    "no iat": lambda: token(SNILS, iat=None),
    "of the future": lambda: token(SNILS, iat=soon(600), exp=soon(900)),
    "not begun": lambda: token(SNILS, nbf=soon(600)),
    "no sub": lambda: token(SNILS, sub=None),
    "a long sub": lambda: token(SNILS, sub="1" * 300),
    "a sub with a line": lambda: token(SNILS, sub=["1"]),
    "no СНИЛС": lambda: token(""),
    "a wrong СНИЛС": lambda: token("11223344596"),
    "no name": lambda: token(SNILS, family_name=None),
    "a name of spaces": lambda: token(SNILS, given_name="  "),
    "no birth date": lambda: token(SNILS, birthdate=None),
    "a birth date of none": lambda: token(SNILS, birthdate="1980-02-30"),
    "bound to a certificate": lambda: token(SNILS, cnf={"x5t#S256": "x"}),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_only_looks_like_a_token_is_refused(what: str):
    with pytest.raises(CitizenTokenRefused) as refused:
        await verify(WRONG[what](), SETTINGS, PROVIDER, RSA, SMALL)
    assert refused.value.status == 401
    assert not isinstance(refused.value, CitizenTokenExpired)
    assert SNILS not in refused.value.ru


@pytest.mark.parametrize("times", [{"exp": -120}, {"iat": -4000, "exp": 4000}])
async def test_a_token_past_its_time_or_too_old_has_expired(times: dict[str, int]):
    past: dict[str, Any] = {name: soon(seconds) for name, seconds in times.items()}
    with pytest.raises(CitizenTokenExpired):
        await verify(token(SNILS, **past))


async def test_clocks_may_differ_by_the_leeway():
    assert await verify(token(SNILS, exp=soon(-30), iat=soon(-300)))
    assert await verify(token(SNILS, iat=soon(30)))


@pytest.mark.parametrize("level", [None, "simple", "Confirmed", [LEVEL], {LEVEL: 1}])
async def test_a_level_that_is_not_named_is_too_low(level: object):
    with pytest.raises(LevelTooLow):
        await verify(token(SNILS, acr=level))


async def test_a_verified_token_is_remembered_for_seconds_and_for_its_portal_alone():
    at, keys = time.time(), Keys(PROVIDER)
    told: Any = keys
    tokens, text = Tokens(SETTINGS, told, lambda: at), token(SNILS, exp=int(at) + 600)
    await tokens.verify(text, AUDIENCE)
    keys.keys = ()
    assert await tokens.verify(text, AUDIENCE)
    with pytest.raises(CitizenTokenRefused):
        await tokens.verify(text, "other")
    at += 31
    with pytest.raises(CitizenTokenRefused):
        await tokens.verify(text, AUDIENCE)


async def test_a_remembered_token_expires_all_the_same():
    at = time.time()
    told: Any = Keys(PROVIDER)
    tokens, text = Tokens(SETTINGS, told, lambda: at), token(SNILS, iat=int(at), exp=int(at) + 1)
    await tokens.verify(text, AUDIENCE)
    at += 62
    with pytest.raises(CitizenTokenExpired):
        await tokens.verify(text, AUDIENCE)
