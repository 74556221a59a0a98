"""A small provider of OpenID Connect: discovery, keys, the page where a citizen is chosen, code with PKCE, token."""

import json
import secrets
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import urlsplit

import msgspec
from joserfc.jwk import ECKey

from trustmed.demo.citizens.accounts import SIMPLE, Account
from trustmed.demo.citizens.keys import CLIENT_ID, LIFETIME, id_token, key_set
from trustmed.demo.citizens.serving import Asked, Told, page, redirect

CODE_SECONDS = 60
SHOWN = 24
TITLE = "Учётная запись гражданина (демо)"


class Code(msgspec.Struct, frozen=True):
    """A code that was given out, to be exchanged once for a token."""

    account: Account
    redirect_uri: str
    nonce: str
    challenge: str
    until: float


class Provider:
    """Answers what the browser and the portal ask at `issuer`."""

    def __init__(self, issuer: str, key: ECKey, accounts: dict[str, Account], redirect_uris: tuple[str, ...]) -> None:
        self._issuer = issuer
        self._key = key
        self._accounts = accounts
        self._redirect_uris = redirect_uris
        self._codes: dict[str, Code] = {}
        self._base = urlsplit(issuer).path

    def answer(self, asked: Asked) -> Told:
        path = asked.path.removeprefix(self._base)
        if path == "/.well-known/openid-configuration":
            return _json(self._discovery())
        if path == "/jwks":
            return _json(key_set(self._key))
        if path == "/authorize":
            return self._authorize(asked)
        if path == "/token" and asked.method == "POST":
            return self._token(asked.fields)
        return page(TITLE, "<p>Такой страницы нет.</p>", kind="provider", status=404)

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self._issuer,
            "authorization_endpoint": f"{self._issuer}/authorize",
            "token_endpoint": f"{self._issuer}/token",
            "jwks_uri": f"{self._issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["openid", "profile", "snils"],
        }

    def _authorize(self, asked: Asked) -> Told:
        """Show who may sign in; once somebody is chosen, send the browser back to the portal with a code."""
        fields = asked.fields
        if fields.get("client_id") != CLIENT_ID or fields.get("redirect_uri") not in self._redirect_uris:
            return page(TITLE, "<p>Неизвестный портал.</p>", kind="provider", status=400)
        if fields.get("response_type") != "code" or fields.get("code_challenge_method") != "S256":
            return page(TITLE, "<p>Нужны response_type=code и PKCE (S256).</p>", kind="provider", status=400)
        account = self._accounts.get(fields.get("account", "")) if asked.method == "POST" else None
        if account is None:
            return page(TITLE, self._choice(fields), kind="provider")
        code = secrets.token_urlsafe(24)
        self._codes[code] = Code(
            account,
            fields["redirect_uri"],
            fields.get("nonce", ""),
            fields.get("code_challenge", ""),
            time.time() + CODE_SECONDS,
        )
        return redirect(fields["redirect_uri"], {"code": code, "state": fields.get("state", "")})

    def _choice(self, fields: dict[str, str]) -> str:
        wanted = fields.get("login_hint", "").casefold().replace("ё", "е")
        found = [
            one
            for one in self._accounts.values()
            if wanted in one.name.casefold().replace("ё", "е") or wanted == one.snils
        ]
        kept = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in fields.items()
            if name not in ("login_hint", "account")
        )
        rows = "".join(
            f'<li><button class="row" name="account" value="{one.sub}"><b>{escape(one.name)}</b>'
            f"<small>{one.birth_date}, СНИЛС {one.snils}{', не подтверждена' if one.level == SIMPLE else ''}</small>"
            "</button></li>"
            for one in [*found[: SHOWN - 1], *found[-1:]][:SHOWN]
        )
        return (
            "<h1>Кто входит?</h1><p>Настоящий поставщик спросил бы пароль; здесь любого можно выбрать.</p>"
            f'<form method="get" class="inline">{kept}<input name="login_hint" placeholder="Фамилия" '
            f'value="{escape(fields.get("login_hint", ""))}"> <button class="quiet">Найти</button></form>'
            f'<form method="post" class="card">{kept}<ul>{rows or "<li>Никого не найдено.</li>"}</ul></form>'
        )

    def _token(self, fields: dict[str, str]) -> Told:
        code = self._codes.pop(fields.get("code", ""), None)
        challenge = urlsafe_b64encode(sha256(fields.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if code is None or code.until < time.time() or code.redirect_uri != fields.get("redirect_uri"):
            return _json({"error": "invalid_grant"}, 400)
        if challenge != code.challenge or fields.get("client_id") != CLIENT_ID:
            return _json({"error": "invalid_grant"}, 400)
        token = id_token(self._key, self._issuer, code.account, CLIENT_ID, code.nonce)
        access = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": LIFETIME}
        return _json({**access, "id_token": token})


def _json(value: dict[str, Any], status: int = 200) -> Told:
    return Told(json.dumps(value).encode(), status, "application/json", {"Cache-Control": "no-store"})
