"""Ask the region for a patient's record, through its API for sites."""

from typing import Any, ClassVar, Final
from uuid import UUID

import httpx2
import msgspec

from trustmed.audit.trail import Actor
from trustmed.booking.model import local_day
from trustmed.clinic.record.model import Answer, Filters, Reason
from trustmed.errors import Forbidden, Unavailable
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


class RegionRecord:
    """A client of the region for one site. Its token is `<site>.record` among the deployment's secrets."""

    def __init__(self, topology: Topology, site: Site) -> None:
        address = site.region_web or topology.region.listen
        self._topology, self._site = topology, site
        self._http = httpx2.AsyncClient(base_url=f"http://{address}", timeout=TIMEOUT_SECONDS, trust_env=False)

    async def timeline(self, actor: Actor, position: str, patient_id: UUID, reason: Reason, filters: Filters) -> Answer:
        """Return a page of the patient's timeline from the whole region. Raises RegionAway, RegionRefuses."""
        question = {
            **_reader(actor, position, patient_id, reason),
            "kinds": list(filters.kinds),
            "since": local_day(filters.since)[0].isoformat() if filters.since else None,
            "before": local_day(filters.until)[1].isoformat() if filters.until else None,
            "text": filters.text or None,
            "after": filters.after,
        }
        answer = await self._post("/api/v1/record/timeline", question)
        try:
            return msgspec.json.decode(answer, type=Answer)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise RegionAway(f"ответ не разобран: {error}", f"its answer cannot be read: {error}") from error

    async def content(self, actor: Actor, position: str, patient_id: UUID, reason: Reason, document_id: UUID) -> bytes:
        """Return the exact bytes of the person's document, wherever it was signed. Raises RegionAway, RegionRefuses."""
        question = _reader(actor, position, patient_id, reason) | {"document_id": str(document_id)}
        return await self._post("/api/v1/record/content", question)

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, path: str, question: dict[str, Any]) -> bytes:
        try:
            token = secret(self._topology, self._site.name, "record")
        except SecretMissing as missing:
            raise RegionAway(
                f"нет токена площадки ({missing.ru})", f"the site has no token ({missing.en})"
            ) from missing
        try:
            headers = {"Authorization": f"Bearer {token}", "Accept-Language": i18n.current.get()}
            answer = await self._http.post(path, json=question, headers=headers)
        except httpx2.TransportError as error:
            raise RegionAway("нет связи", "no connection") from error
        if answer.status_code == 403:
            text = _error_text(answer)[0]
            raise RegionRefuses(f"Регион не открыл карту: {text}.", f"The region did not open the record: {text}.")
        if answer.is_error:
            unclear = answer.status_code == 503 and _error_code(answer) == "GroundUnclear"
            raise (GroundUnclear if unclear else RegionAway)(*_error_text(answer))
        return answer.content


def _reader(actor: Actor, position: str, patient_id: UUID, reason: Reason) -> dict[str, Any]:
    return {
        "organization_id": actor.organization_id,
        "patient_id": str(patient_id),
        "doctor_account": actor.account,
        "doctor_employee": str(actor.employee_id) if actor.employee_id else None,
        "doctor_name": actor.name,
        "doctor_position": position,
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
