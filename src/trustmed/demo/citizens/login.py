"""Sign a citizen in at the provider, as a portal does: code with PKCE, the token fetched behind the browser's back."""

import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import msgspec

from trustmed.demo.citizens.keys import CLIENT_ID
from trustmed.errors import Broken

ACCOUNT = re.compile(r'name="account" value="(\d+)"')


class SignInFailed(Broken):
    """The provider gave no token."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"Поставщик не дал токена гражданина: {cause}", f"The provider gave no citizen's token: {cause}"
        )


class Attempt(msgspec.Struct, frozen=True):
    """A sign-in that has begun: what the portal remembers until the browser is back."""

    redirect_uri: str
    state: str
    nonce: str
    verifier: str


class Login:
    """The provider as a portal sees it."""

    def __init__(self, issuer: str, redirect_uri: str) -> None:
        self._http = httpx2.Client(timeout=10, trust_env=False)
        self._told = self._http.get(f"{issuer}/.well-known/openid-configuration").json()
        self._redirect_uri = redirect_uri

    def begin(self, hint: str = "") -> tuple[Attempt, str]:
        """Return what to remember, and the address to send the browser to."""
        attempt = Attempt(self._redirect_uri, *(secrets.token_urlsafe(24) for _ in range(3)))
        challenge = urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            **{"response_type": "code", "client_id": CLIENT_ID, "scope": "openid profile snils"},
            **{"redirect_uri": attempt.redirect_uri, "state": attempt.state, "nonce": attempt.nonce},
            **{"code_challenge": challenge, "code_challenge_method": "S256"},
            **({"login_hint": hint} if hint else {}),
        }
        return attempt, f"{self._told['authorization_endpoint']}?{urlencode(query)}"

    def finish(self, attempt: Attempt, code: str, state: str) -> str:
        """Return the citizen's token. Raises SignInFailed."""
        if state != attempt.state:
            raise SignInFailed("state")
        asked = {
            **{"grant_type": "authorization_code", "code": code, "redirect_uri": attempt.redirect_uri},
            **{"client_id": CLIENT_ID, "code_verifier": attempt.verifier},
        }
        answer = self._http.post(self._told["token_endpoint"], data=asked)
        if answer.is_error:
            raise SignInFailed(f"{answer.status_code} {answer.text}")
        token: str = answer.json()["id_token"]
        if claims_of(token).get("nonce") != attempt.nonce:
            raise SignInFailed("nonce")
        return token

    def sign_in(self, snils: str) -> str:
        """Sign in without a browser the person with this number. Raises SignInFailed."""
        attempt, address = self.begin(snils)
        found = ACCOUNT.search(self._http.get(address).text)
        if found is None:
            raise SignInFailed("нет такой учётной записи / there is no such account")
        answer = self._http.post(address, data={"account": found[1]})
        told = {name: one[0] for name, one in parse_qs(urlsplit(answer.headers.get("location", "")).query).items()}
        return self.finish(attempt, told.get("code", ""), told.get("state", ""))

    def close(self) -> None:
        self._http.close()


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says. It came from the provider itself, so nothing of it is checked here."""
    body = token.split(".")[1]
    return json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
