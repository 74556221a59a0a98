"""Ask the region for a patient's record, through its API for sites."""

import datetime as dt
from typing import Any, ClassVar, Final
from uuid import UUID

import httpx2
import msgspec

from trustmed.audit.trail import Actor
from trustmed.authority.errors import IdentityBroken, IdentityMissing
from trustmed.authority.identity import site_identity
from trustmed.booking.model import local_day
from trustmed.clinic.record.model import Answer, Filters, Reason
from trustmed.errors import Forbidden, Unavailable
from trustmed.statement import HEADER, Statement, digest, new_nonce, now, seal
from trustmed.topology.file.spec import Site, Topology
from trustmed.topology.secrets import SecretMissing, secret
from trustmed.web import i18n

TIMEOUT_SECONDS: Final = 8.0  # the region asks a slow part twice before it says so


class RegionAway(Unavailable):
    """The region does not answer, or not as agreed; the site's own part is shown without it."""

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(f"Регион не отвечает: {ru}.", f"The region does not answer: {en}.")


class GroundUnclear(RegionAway):
    """The region answers and cannot check the ground just now: an emergency is the only way that does not wait."""

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(ru, en)
        self.ru, self.en = f"{ru}.", f"{en}."


class RegionRefuses(Forbidden):
    """The region sees no ground for this reading; its own words are passed on."""

    status: ClassVar[int] = 403


class Staff(msgspec.Struct, frozen=True):
    """Who asks, and the clinic's last visit of the patient that speaks for it, if there was one lately.

    `visit_is_of_another`: another doctor began it, or somebody else noted that the patient came.
    """

    actor: Actor
    position: str
    visit_day: dt.date | None = None
    visit_is_of_another: bool = False


class RegionRecord:
    """A client of the region for one site.

    Its token is `<site>.record` among the deployment's secrets; who asks it says under the signature of its identity.
    """

    def __init__(self, topology: Topology, site: Site) -> None:
        address = site.region_web or topology.region.listen
        self._topology, self._site = topology, site
        self._http = httpx2.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_SECONDS, trust_env=False)

    async def timeline(self, staff: Staff, patient_id: UUID, reason: Reason, filters: Filters) -> Answer:
        """Return a page of the patient's timeline from the whole region. Raises RegionAway, RegionRefuses."""
        question = {
            **_about(staff, patient_id, reason),
            "kinds": list(filters.kinds),
            "since": local_day(filters.since)[0].isoformat() if filters.since else None,
            "before": local_day(filters.until)[1].isoformat() if filters.until else None,
            "text": filters.text or None,
            "after": filters.after,
        }
        answer = await self._post("/api/v1/record/timeline", staff, question)
        try:
            return msgspec.json.decode(answer, type=Answer)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RegionAway(f"ответ не разобран: {error}", f"its answer cannot be read: {error}") from error

    async def content(self, staff: Staff, patient_id: UUID, reason: Reason, document_id: UUID) -> bytes:
        """Return the exact bytes of the person's document, wherever it was signed. Raises RegionAway, RegionRefuses."""
        question = _about(staff, patient_id, reason) | {"document_id": str(document_id)}
        return await self._post("/api/v1/record/content", staff, question)

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, path: str, staff: Staff, question: dict[str, Any]) -> bytes:
        body = msgspec.json.encode(question)
        try:
            token = secret(self._topology, self._site.name, "record")
            headers = {
                "Authorization": f"Bearer {token}",
                HEADER: self._sealed(path, staff, body),
                "Content-Type": "application/json",
                "Accept-Language": i18n.current.get(),
            }
        except (SecretMissing, IdentityMissing, IdentityBroken) as missing:
            raise RegionAway(
                f"площадка не может подписать вопрос ({missing.ru})",
                f"the site cannot sign its question ({missing.en})",
            ) from missing
        try:
            answer = await self._http.post(path, content=body, headers=headers)
        except httpx2.TransportError as error:
            raise RegionAway("нет связи", "no connection") from error
        if answer.status_code == 403:
            text = _error_text(answer)[0]
            raise RegionRefuses(f"Регион не открыл карту: {text}.", f"The region did not open the record: {text}.")
        if answer.is_error:
            unclear = answer.status_code == 503 and _error_code(answer) == "GroundUnclear"
            raise (GroundUnclear if unclear else RegionAway)(*_error_text(answer))
        return answer.content

    def _sealed(self, path: str, staff: Staff, body: bytes) -> str:
        """Return the site's signed statement of who asks. Raises IdentityMissing, IdentityBroken."""
        actor, identity = staff.actor, site_identity(self._topology, self._site.name)
        if actor.employee_id is None:
            raise RegionAway("спрашивать может только сотрудник", "only an employee may ask")
        statement = Statement(
            path=path,
            body_sha256=digest(body),
            account=actor.account,
            employee_id=actor.employee_id,
            name=actor.name,
            position=staff.position,
            at=now(),
            nonce=new_nonce(),
            visit_day=staff.visit_day,
            visit_is_of_another=staff.visit_is_of_another,
        )
        return seal(statement, identity.sign, identity.chain_der)


def _about(staff: Staff, patient_id: UUID, reason: Reason) -> dict[str, Any]:
    return {
        "organization_id": staff.actor.organization_id,
        "patient_id": str(patient_id),
        "ground": reason.ground,
        "reason": reason.detail or "",
    }


def _error_text(answer: httpx2.Response) -> tuple[str, str]:
    """Return the region's words twice: an error needs both languages, the region answers in that of the request."""
    text = _error_field(answer, "detail").rstrip(".") or f"HTTP {answer.status_code}"
    return text, text


def _error_code(answer: httpx2.Response) -> str:
    return _error_field(answer, "code")


def _error_field(answer: httpx2.Response, name: str) -> str:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    return str(body.get(name) or "") if isinstance(body, dict) else ""
