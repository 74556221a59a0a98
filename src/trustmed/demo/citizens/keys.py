"""Keys of the demo's provider and portal, and what they sign: JWS by `joserfc`."""

import json
import os
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey

from trustmed.demo.citizens.accounts import Account
from trustmed.topology.file.spec import Topology

PROVIDER, PORTAL = "identity", "portal"
CLIENT_ID = "demo-portal"
LIFETIME = 600  # seconds of a citizen's token
DPOP = {"htm": "HTTP method", "htu": "HTTP URI"}


def ensure_key(topology: Topology, owner: str) -> ECKey:
    """Return the key of the provider or the portal out of the region's secrets, made when first asked for."""
    file = topology.folder / topology.region.secrets / f"{owner}-key.json"
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(file, json.dumps(ECKey.generate_key("P-256").as_dict(private=True)))
    return ECKey.import_key(json.loads(file.read_text("utf-8")))


def key_set(key: ECKey) -> dict[str, Any]:
    """Return the public key as a provider publishes it."""
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "ES256"}]}


def id_token(key: ECKey, issuer: str, account: Account, client_id: str, nonce: str) -> str:
    """Return a signed token that says who has signed in, for one client."""
    now = int(time.time())
    claims = {
        **{"iss": issuer, "aud": client_id, "sub": account.sub, "iat": now, "exp": now + LIFETIME, "nonce": nonce},
        **{"acr": account.level, "snils": account.snils, "birthdate": account.birth_date},
        **{"family_name": account.surname, "given_name": account.given_name, "middle_name": account.patronymic},
    }
    return _sign(key, {"alg": "ES256", "typ": "JWT", "kid": key.thumbprint()}, claims)


def proof(key: ECKey, method: str, address: str, token: str) -> str:
    """Return the portal's proof of one request (RFC 9449); `address` is without the query."""
    hashed = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
    claims = {"jti": uuid4().hex, "htm": method, "htu": address, "iat": int(time.time()), "ath": hashed}
    return _sign(key, {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}, claims)


def _sign(key: ECKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    registry = jws.JWSRegistry(algorithms=["ES256"])
    told = {name: value for name, value in claims.items() if value is not None}
    return jws.serialize_compact(header, json.dumps(told), key, registry=registry)


def _write(file: Path, text: str) -> None:
    """Write a file that only its owner reads; of two processes the first one's stays."""
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
        target.write(text)
    try:
        os.link(beside, file)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
