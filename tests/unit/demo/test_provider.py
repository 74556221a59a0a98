"""The demo's provider gives a code once, for its own portal, to whoever began the sign-in (PKCE)."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from trustmed.demo.citizens.accounts import Account, sub_of
from trustmed.demo.citizens.keys import CLIENT_ID
from trustmed.demo.citizens.login import claims_of
from trustmed.demo.citizens.provider import Provider
from trustmed.demo.citizens.serving import Asked, Told

ISSUER, BACK, VERIFIER = "http://127.0.0.1:1/identity", "http://127.0.0.1:1/portal/callback", "v" * 43
SNILS = "11223344595"
ALICE = Account(sub_of(SNILS), SNILS, "Проверкина", "Алиса", None, "1980-05-05")
QUERY = {
    **{"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": BACK, "state": "s", "nonce": "n"},
    **{"code_challenge_method": "S256"},
    "code_challenge": urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode(),
}


@pytest.fixture
def provider() -> Provider:
    return Provider(ISSUER, ECKey.generate_key("P-256"), {ALICE.sub: ALICE}, (BACK,))


def ask(provider: Provider, method: str, path: str, **fields: str) -> Told:
    return provider.answer(Asked(method, f"/identity{path}", fields, {}))


def code_of(provider: Provider) -> str:
    told = ask(provider, "POST", "/authorize", **QUERY, account=ALICE.sub)
    query = parse_qs(urlsplit(told.headers["Location"]).query)
    assert query["state"] == ["s"]
    return query["code"][0]


def exchange(provider: Provider, code: str, **other: str) -> Told:
    return ask(
        provider,
        "POST",
        "/token",
        **{"code": code, "redirect_uri": BACK, "client_id": CLIENT_ID, "code_verifier": VERIFIER} | other,
    )


def test_whoever_is_chosen_signs_in(provider: Provider):
    assert "Проверкина Алиса" in ask(provider, "GET", "/authorize", **QUERY).body.decode()
    claims = claims_of(json.loads(exchange(provider, code_of(provider)).body)["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, CLIENT_ID, "n")
    assert (claims["snils"], claims["sub"], claims["acr"]) == (SNILS, ALICE.sub, "confirmed")


def test_a_code_serves_once_and_only_who_began(provider: Provider):
    code = code_of(provider)
    assert exchange(provider, code).status == 200
    assert exchange(provider, code).status == 400
    for wrong in ({"code_verifier": "x"}, {"client_id": "x"}, {"redirect_uri": "http://x"}):
        assert exchange(provider, code_of(provider), **wrong).status == 400


@pytest.mark.parametrize(
    "wrong", [{"redirect_uri": "http://x"}, {"client_id": "x"}, {"code_challenge_method": "plain"}]
)
def test_an_unknown_portal_or_a_sign_in_without_pkce_is_refused(provider: Provider, wrong: dict[str, str]):
    assert ask(provider, "POST", "/authorize", **QUERY | wrong, account=ALICE.sub).status == 400


def test_the_keys_are_published_without_their_private_part(provider: Provider):
    discovery = json.loads(ask(provider, "GET", "/.well-known/openid-configuration").body)
    assert discovery["jwks_uri"] == f"{ISSUER}/jwks"
    (key,) = json.loads(ask(provider, "GET", "/jwks").body)["keys"]
    assert "d" not in key
