"""Clients of the interfaces of a clinic, of the portal and of the region, by HTTP alone."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2
import msgspec

from trustmed.demo.citizens.keys import LIFETIME
from trustmed.demo.citizens.login import Login
from trustmed.demo.citizens.portal import Calls
from trustmed.demo.citizens.program import issuer_of, portal_calls, redirect_uri
from trustmed.errors import Broken
from trustmed.semd.kinds.consultation import KIND
from trustmed.topology.file.spec import Topology

UNAUTHORIZED = 401
FORM = {
    "complaints": "Головная боль, слабость в течение трёх дней.",
    "disease_history": "Заболел остро, после переохлаждения.",
    "life_history": "Без особенностей.",
    "objective_status": "Состояние удовлетворительное. Кожные покровы чистые, зев гиперемирован.",
    "conclusion": "Острая респираторная вирусная инфекция лёгкой степени.",
    "recommendations": "Обильное питьё, покой, явка через три дня.",
    "diagnoses": [{"icd": "J06.9", "text": "ОРВИ, лёгкое течение", "kind": "1", "character": "1"}],
}


class CallFailed(Broken):
    """An interface answered with an error."""


class Signed(msgspec.Struct, frozen=True):
    """A document whose signing the clinic has acknowledged."""

    id: str
    sha256: str


class SignedIn:
    """A client that acts for one person."""

    def __init__(
        self, address: str, login: str, password: str, timeout: float = 10, codes: Iterator[str] | None = None
    ) -> None:
        self.http = httpx2.Client(base_url=f"http://{address}", timeout=timeout, trust_env=False)
        self._credentials = {"login": login, "password": password}
        self._codes = codes

    def sign_in(self) -> None:
        """Sign in, with a code if the person has a phone: the next one where the first was used already."""
        answer = self._ask()
        while self._codes and answer.status_code == UNAUTHORIZED and answer.json()["code"] == "WrongCode":
            answer = self._ask()
        session = _json(answer)
        self.http.headers["Authorization"] = f"Bearer {session['token']}"

    def _ask(self) -> httpx2.Response:
        code = {"code": next(self._codes)} if self._codes else {}
        return self.http.post("/api/v1/session", json=self._credentials | code)

    def page(self, path: str) -> str:
        """Return a page as a browser gets it."""
        answer = self.http.get(path, headers={"Accept": "text/html", "Accept-Language": "ru"})
        _require_success(answer)
        return answer.text

    def search(self, path: str, **typed: str) -> str:
        """Type into the search of a page and return what it shows."""
        token = self.page(path).partition('name="_csrf_token" value="')[2].partition('"')[0]
        answer = self.http.post(path, data={**typed, "_csrf_token": token}, follow_redirects=True)
        _require_success(answer)
        return answer.text

    def close(self) -> None:
        self.http.close()


class Clinic(SignedIn):
    """A site's interface for one signed-in person."""

    def patients(self, words: str = "") -> list[dict[str, Any]]:
        return _json(self.http.post("/api/v1/patients/find", json={"line": words}))["patients"]

    def visit(self, patient_id: str) -> str:
        return _json(self.http.post("/api/v1/visits", json={"patient_id": patient_id}))["id"]

    def preview(self, visit_id: str, conclusion: str = FORM["conclusion"]) -> dict[str, Any]:
        """Write a protocol into the visit; return its id, SHA-256 and verdict."""
        form = {**FORM, "conclusion": conclusion}
        return _json(
            self.http.post("/api/v1/documents", json={"visit_id": visit_id, "form": form, "kind": KIND.number})
        )

    def sign(self, document_id: str, digest: str) -> Signed:
        """Sign with the software keys of the demo. Signing again gives the same answer."""
        asked = {"method": "software", "sha256": digest}
        signed = _json(self.http.post(f"/api/v1/documents/{document_id}/sign", json=asked))
        return Signed(signed["id"], signed["sha256"])

    def write_and_sign(self, patient_id: str, conclusion: str = FORM["conclusion"]) -> Signed:
        draft = self.preview(self.visit(patient_id), conclusion)
        return self.sign(draft["id"], draft["sha256"])

    def free(self, day: dt.date) -> list[dict[str, Any]]:
        """Return the slots that the clinic may book, from a day on, the nearest first."""
        return _json(self.http.get("/api/v1/slots", params={"from": day.isoformat()}))["slots"]

    def book(self, slot_id: str, patient_id: str) -> dict[str, Any]:
        asked = {"slot_id": slot_id, "patient_id": patient_id, "request_id": str(uuid4())}
        return _json(self.http.post("/api/v1/bookings", json=asked))

    def bookings(self, patient_id: str) -> list[dict[str, Any]]:
        """Return the patient's bookings, made by either side."""
        return _json(self.http.get("/api/v1/bookings", params={"patient_id": patient_id}))["bookings"]

    def record(self, patient_id: str) -> str:
        """Return the page of the region's record."""
        return self.page(f"/patients/{patient_id}/record")


class Region(SignedIn):
    """The region's interface for its own staff."""

    def newest(self, limit: int = 50) -> list[dict[str, Any]]:
        """Return the newest documents of the registry."""
        return _json(self.http.get("/api/v1/registry/newest", params={"limit": limit}))["documents"]

    def links(self) -> list[dict[str, Any]]:
        """Return the state of every link as the monitor saw it last."""
        return _json(self.http.get("/api/v1/links"))["links"]


class Signature(NamedTuple):
    """A signature as the portal gets it: `content` is a detached CMS in DER."""

    role: str
    content: bytes


class Portal:
    """The citizens' portal, which asks the region and never a clinic. Each citizen is signed in when first needed."""

    def __init__(self, calls: Calls, sign_in: Callable[[str], str], leave: Callable[[], None] | None = None) -> None:
        self._calls = calls
        self._sign_in = sign_in
        self._leave = leave
        self._tokens: dict[str, tuple[float, str]] = {}

    @classmethod
    def of(cls, topology: Topology) -> "Portal":
        """Return the demo's portal, whose citizens sign in at the demo's provider."""
        provider = Login(issuer_of(topology), redirect_uri(topology))
        return cls(portal_calls(topology), provider.sign_in, provider.close)

    def documents(self, snils: str) -> list[dict[str, Any]]:
        return _json(self._get(snils, "/documents"))["documents"]

    def content(self, snils: str, document_id: str) -> bytes:
        answer = self._get(snils, f"/documents/{document_id}/content")
        _require_success(answer)
        return answer.content

    def signatures(self, snils: str, document_id: str) -> list[Signature]:
        listed = _json(self._get(snils, f"/documents/{document_id}/signatures"))["signatures"]
        found = []
        for item in listed:
            answer = self._get(snils, f"/documents/{document_id}/signatures/{item['number']}")
            _require_success(answer)
            found.append(Signature(item["role"], answer.content))
        return found

    def free(self, snils: str, organization_id: int, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
        """Return the slots of an organisation that the region may sell."""
        asked = {"organization": str(organization_id), "from": first.isoformat(), "to": last.isoformat()}
        return _json(self._get(snils, "/slots", asked))["slots"]

    def book(self, snils: str, organization_id: int, slot_id: str) -> dict[str, Any]:
        asked = {"organization_id": organization_id, "slot_id": slot_id, "request_id": str(uuid4())}
        return _json(self._calls.ask("POST", "/bookings", self._token(snils), body=asked))

    def bookings(self, snils: str) -> list[dict[str, Any]]:
        return _json(self._get(snils, "/bookings"))["bookings"]

    def close(self) -> None:
        self._calls.close()
        if self._leave is not None:
            self._leave()

    def _get(self, snils: str, path: str, query: dict[str, str] | None = None) -> httpx2.Response:
        return self._calls.ask("GET", path, self._token(snils), params=query)

    def _token(self, snils: str) -> str:
        until, token = self._tokens.get(snils, (0.0, ""))
        if time.monotonic() > until:
            token = self._sign_in(snils)
            self._tokens[snils] = (time.monotonic() + LIFETIME / 2, token)
        return token


def digest(content: bytes) -> str:
    """Return the SHA-256 in hex."""
    return sha256(content).hexdigest()


def _json(answer: httpx2.Response) -> Any:
    _require_success(answer)
    return answer.json()


def _require_success(answer: httpx2.Response) -> None:
    if answer.is_error:
        where = f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
        raise CallFailed(f"{where} {answer.text[:500]}", f"{where} {answer.text[:500]}")
