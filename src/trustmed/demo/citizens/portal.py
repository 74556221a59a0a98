"""A small citizens' portal: sign-in at the provider, the citizen's documents, and who looked into the record."""

import secrets
from html import escape
from typing import Any
from uuid import UUID

import httpx2
from joserfc.jwk import ECKey

from trustmed.demo.citizens.keys import proof
from trustmed.demo.citizens.login import Attempt, Login, SignInFailed, claims_of
from trustmed.demo.citizens.serving import Asked, Told, page, redirect

TITLE = "Портал гражданина (демо)"
COOKIE = "demo_portal"
MOST_SESSIONS = 1000


class Calls:
    """The region's interface of portals: each request with the client's token, the citizen's, and a fresh proof."""

    def __init__(self, address: str, token: str, key: ECKey, timeout: float = 10) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "ru"}
        self._base = f"{address}/portal/v1"
        self._key = key
        self._http = httpx2.Client(headers=headers, timeout=timeout, trust_env=False)

    def ask(
        self, method: str, path: str, citizen_token: str, *, params: dict[str, str] | None = None, body: Any = None
    ) -> httpx2.Response:
        """Send one request for a citizen."""
        address = f"{self._base}{path}"
        headers = {"X-Citizen-Token": citizen_token, "DPoP": proof(self._key, method, address, citizen_token)}
        return self._http.request(method, address, params=params, json=body, headers=headers)

    def close(self) -> None:
        self._http.close()


class Portal:
    """Answers browsers. Sessions live in memory; a browser holds only a random name of its session."""

    def __init__(self, calls: Calls, login: Login) -> None:
        self._calls = calls
        self._login = login
        self._attempts: dict[str, Attempt] = {}
        self._tokens: dict[str, str] = {}

    def answer(self, asked: Asked) -> Told:
        session = asked.cookies.get(COOKIE, "")
        path = asked.path.removeprefix("/portal").strip("/")
        if path == "enter":
            return self._enter()
        if path == "callback":
            return self._back(asked.fields, session)
        if path == "leave":
            self._tokens.pop(session, None)
            return redirect("/portal")
        token = self._tokens.get(session)
        if token is None:
            return page(TITLE, WELCOME)
        if path == "accesses" and asked.method == "POST":
            return self._accesses(token)
        if path.startswith("document/"):
            return self._document(token, path.removeprefix("document/"))
        return self._documents(token)

    def _enter(self) -> Told:
        attempt, address = self._login.begin()
        session = secrets.token_urlsafe(24)
        if len(self._attempts) >= MOST_SESSIONS:
            self._attempts.clear()
        self._attempts[session] = attempt
        return redirect(address, headers={"Set-Cookie": _cookie(session)})

    def _back(self, fields: dict[str, str], session: str) -> Told:
        attempt = self._attempts.pop(session, None)
        if attempt is None:
            return redirect("/portal")
        try:
            token = self._login.finish(attempt, fields.get("code", ""), fields.get("state", ""))
        except SignInFailed as error:
            return page(TITLE, f'<div class="card bad">{escape(error.ru)}</div>{WELCOME}', status=502)
        entered = secrets.token_urlsafe(24)
        if len(self._tokens) >= MOST_SESSIONS:
            self._tokens.clear()
        self._tokens[entered] = token
        return redirect("/portal", headers={"Set-Cookie": _cookie(entered)})

    def _documents(self, token: str) -> Told:
        who = claims_of(token)
        name = " ".join(filter(None, (who.get("family_name"), who.get("given_name"), who.get("middle_name"))))
        head = (
            f'<p>Вы вошли как <b>{escape(name)}</b> <form class="inline" method="post" action="/portal/leave">'
            '<button class="quiet">Выйти</button></form></p>'
        )
        answer = self._calls.ask("GET", "/documents", token)
        if answer.is_error:
            return page(TITLE, head + _refusal(answer), status=answer.status_code)
        rows = "".join(
            f'<li><p><a href="/portal/document/{one["id"]}"><b>{escape(one["title"])}</b></a>'
            f"<small>{one['created_at'][:10]}, {escape(one['organization']['title'] or '')}, "
            f"{escape(one['author_name'])}</small></p></li>"
            for one in answer.json()["documents"]
        )
        return page(
            TITLE,
            f"{head}<h1>Мои документы</h1><div class='card'><ul>{rows or '<li><p>Документов пока нет.</p></li>'}</ul>"
            '</div><form method="post" action="/portal/accesses"><button>Кто смотрел мою карту</button></form>',
        )

    def _document(self, token: str, document_id: str) -> Told:
        try:
            path = f"/documents/{UUID(document_id)}/content"
        except ValueError:
            return redirect("/portal")
        answer = self._calls.ask("GET", path, token)
        if answer.is_error:
            return page(TITLE, _refusal(answer), status=answer.status_code)
        headers = {"Content-Disposition": f'attachment; filename="{UUID(document_id)}.xml"'}
        return Told(answer.content, kind="application/octet-stream", headers=headers)

    def _accesses(self, token: str) -> Told:
        answer = self._calls.ask("POST", "/views", token, body={"page": "accesses", "language": "ru"})
        if answer.is_error:
            return page(TITLE, _refusal(answer), status=answer.status_code)
        return redirect(answer.json()["address"])


WELCOME = (
    "<h1>Медицинские документы</h1><p>Войдите, чтобы увидеть свои документы и кто смотрел вашу карту.</p>"
    '<form method="get" action="/portal/enter"><button>Войти</button></form>'
)


def _refusal(answer: httpx2.Response) -> str:
    """Return the region's refusal in its own words."""
    told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    return (
        f'<div class="card bad"><p>{escape(str(told.get("detail", answer.text)))}</p>'
        f"<small>{answer.status_code} {escape(str(told.get('code', '')))}</small></div>"
        '<form class="inline" method="get" action="/portal/enter"><button>Войти заново</button></form>'
    )


def _cookie(session: str) -> str:
    return f"{COOKIE}={session}; Path=/portal; HttpOnly; SameSite=Lax"
