"""The portal's proof of a request (RFC 9449), point by point of its section 4.3."""

import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.citizens import PORTAL, Signer, encoded, proof, token
from trustmed.region.citizens.errors import ProofRefused
from trustmed.region.citizens.proof import Sent, verify_proof

ADDRESS = "https://region.test/portal/v1/documents"
TOKEN = token("11223344595")
SENT = Sent("GET", ADDRESS, TOKEN)
OTHER = Signer()


def verify(*texts: str, sent: Sent = SENT, key: Signer = PORTAL) -> str:
    return verify_proof(texts, sent, key.thumbprint, time.time()).sha256


def test_a_proof_of_either_kind_of_key_holds():
    assert verify(proof("GET", ADDRESS, TOKEN))
    key = Signer(rsa.generate_private_key(65537, 2048))
    assert verify(proof("GET", ADDRESS, TOKEN, by=key), key=key)


@pytest.mark.parametrize(
    "address",
    [ADDRESS + "?limit=1#x", "https://REGION.test:443/portal/v1/documents", "HTTPS://region.test/portal/v1/documents"],
)
def test_an_address_is_the_same_without_query_and_port(address: str):
    assert verify(proof("GET", ADDRESS, TOKEN, htu=address))


def test_each_proof_has_a_name_of_its_own_and_one_of_another_key_another():
    names = {verify(proof("GET", ADDRESS, TOKEN, jti=name)) for name in ("12345678", "123456789", "Ы" * 8)}
    assert len(names) == 3
    assert verify(proof("GET", ADDRESS, TOKEN, by=OTHER, jti="12345678"), key=OTHER) not in names


def with_private_part() -> str:
    return proof("GET", ADDRESS, TOKEN, header={"jwk": {**PORTAL.jwk, "d": encoded(b"1" * 32)}})


def by_another_than_the_key_in_it() -> str:
    return proof("GET", ADDRESS, TOKEN, by=OTHER, header={"jwk": PORTAL.jwk})


WRONG = {
    "none": lambda: (),
    "empty": lambda: ("",),
    "two": lambda: (proof("GET", ADDRESS, TOKEN), proof("GET", ADDRESS, TOKEN)),
    "no JWS": lambda: ("x",),
    "another kind": lambda: (proof("GET", ADDRESS, TOKEN, header={"typ": "JWT"}),),
    "no kind": lambda: (proof("GET", ADDRESS, TOKEN, header={"typ": None}),),
    "alg none": lambda: (proof("GET", ADDRESS, TOKEN, header={"alg": "none"}),),
    "HMAC": lambda: (proof("GET", ADDRESS, TOKEN, header={"alg": "HS256"}),),
    "crit": lambda: (proof("GET", ADDRESS, TOKEN, header={"crit": ["x"]}),),
    "no key": lambda: (proof("GET", ADDRESS, TOKEN, header={"jwk": None}),),
    "a key that is none": lambda: (proof("GET", ADDRESS, TOKEN, header={"jwk": {"kty": "EC", "crv": "P-256"}}),),
    "a secret key": lambda: (proof("GET", ADDRESS, TOKEN, header={"jwk": {"kty": "oct", "k": "eA"}}),),
    "a private key": lambda: (with_private_part(),),
    "another's key": lambda: (proof("GET", ADDRESS, TOKEN, by=OTHER),),
    "not signed by its key": lambda: (by_another_than_the_key_in_it(),),
    "another method": lambda: (proof("POST", ADDRESS, TOKEN),),
    "HEAD of a POST": lambda: (proof("HEAD", ADDRESS, TOKEN, htm="head"),),
    "another address": lambda: (proof("GET", ADDRESS + "/1", TOKEN),),
    "another host": lambda: (proof("GET", ADDRESS.replace("region", "other"), TOKEN),),
    "without TLS": lambda: (proof("GET", ADDRESS.replace("https", "http"), TOKEN),),
    "no address": lambda: (proof("GET", ADDRESS, TOKEN, htu=None),),
    "an address of none": lambda: (proof("GET", ADDRESS, TOKEN, htu="https://[/"),),
    "another token": lambda: (proof("GET", ADDRESS, token("11223344595", sub="2")),),
    "no token": lambda: (proof("GET", ADDRESS, TOKEN, ath=None),),
    "old": lambda: (proof("GET", ADDRESS, TOKEN, iat=time.time() - 61),),
    "of the future": lambda: (proof("GET", ADDRESS, TOKEN, iat=time.time() + 90),),
    "no time": lambda: (proof("GET", ADDRESS, TOKEN, iat=None),),
    "a time that is a truth": lambda: (proof("GET", ADDRESS, TOKEN, iat=True),),
    "no name": lambda: (proof("GET", ADDRESS, TOKEN, jti=None),),
    "a short name": lambda: (proof("GET", ADDRESS, TOKEN, jti="1"),),
    "a long name": lambda: (proof("GET", ADDRESS, TOKEN, jti="1" * 300),),
    "a claim twice": lambda: (PORTAL.sign({"typ": "dpop+jwt", "jwk": PORTAL.jwk}, _twice()),),
}


def _twice() -> bytes:
    return json.dumps({"htm": "POST"}).encode()[:-1] + b', "htm": "GET"}'


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_prove_this_request_is_refused(what: str):
    with pytest.raises(ProofRefused):
        verify(*WRONG[what]())
