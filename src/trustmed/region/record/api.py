"""`/api/v1/record`: the integrated record for the sites' systems (machine clients with scope `record`)."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, Router, post
from litestar.params import JSONBody

from trustmed.audit.actions import Action
from trustmed.errors import Forbidden, InputRefused, TrustMedError
from trustmed.patient.snils import normalise_snils
from trustmed.region.access.emergency import Staff
from trustmed.region.access.entry import client_guard, client_of, reader_of, refusal_response
from trustmed.region.access.model import Access, Reader
from trustmed.region.pools import Pools
from trustmed.region.record.fallback import note_refusal_anywhere
from trustmed.region.record.filters import check_filters
from trustmed.region.record.opening import OpenRecord, find_person_of, read_document, read_page, take_ground
from trustmed.region.record.staff import StatementRefused, statement_guard
from trustmed.region.record.views import Asker, Asking, AskingDocument, RecordView, record_view
from trustmed.web.limits import JSON_BODY

SITE: Final = Reader("", "", "region", "treatment")


class NotItsOrganization(Forbidden):
    """The client may not speak for the staff of this organisation."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(
            f"Клиент «{name}» не говорит за организацию {number}. Инженер региона указывает организации клиента при "
            "его создании: trustmed region client add --organization.",
            f"Client {name!r} does not speak for organisation {number}. The region's engineer names a client's "
            "organisations when making it: trustmed region client add --organization.",
        )


class PatientOrSnils(InputRefused):
    """The request names no person, or names one twice."""

    def __init__(self) -> None:
        super().__init__(
            "Укажите что-то одно: patient_id (пациент вашей организации) или snils.",
            "Name one of the two: patient_id (a patient of your organisation) or snils.",
        )


@post("/timeline", summary="A page of a person's record, newest first", status_code=200)
async def read_timeline(request: Request[Any, Any, Any], data: JSONBody[Asking]) -> RecordView:
    """`missing` names the parts that did not answer: the page is partial then. 403 says what would open the record."""
    state = request.app.state
    filters = check_filters(data.filters())
    record = await _open_record(request, data)
    page = await read_page(state.pools, state.hot, record, filters, after=data.after, limit=data.limit)
    return record_view(state.pools.topology, page)


@post("/content", summary="The exact signed bytes", status_code=200, media_type="application/octet-stream")
async def read_content(request: Request[Any, Any, Any], data: JSONBody[AskingDocument]) -> Response[bytes]:
    """Return a document of the person, whichever clinic signed it; 409 while its bytes are on their way."""
    _, body = await read_document(request.app.state.pools, await _open_record(request, data), data.document_id)
    return Response(body.content, media_type="application/octet-stream")


async def _open_record(request: Request[Any, Any, Any], data: Asker) -> OpenRecord:
    """Open the record of the person the site asks about, to the member of staff whom the site's statement names.

    Raises NotItsOrganization, StatementRefused, PeerRefused, PatientOrSnils, PersonNotFound, GroundRefused,
    GroundUnclear (recorded, but for PatientOrSnils and the last).
    """
    pools: Pools = request.app.state.pools
    client, program = client_of(request), reader_of(request, SITE)
    try:
        if data.organization_id not in (client.organizations or ()):
            raise NotItsOrganization(client.name, data.organization_id)
        statement = await request.app.state.statements.admit(pools, request, data.organization_id)
    except (Forbidden, StatementRefused) as refusal:
        await note_refusal_anywhere(pools, Access(program, Action.RECORD_READ, None), refusal)
        raise
    if (data.patient_id is None) == (data.snils is None):
        raise PatientOrSnils
    reader = msgspec.structs.replace(
        program,
        actor=f"{client.id}:{statement.account}",
        actor_name=f"{statement.name}, {statement.position} ({client.name})",
        ground=data.ground,
        organization_id=data.organization_id,
    )
    snils = normalise_snils(data.snils) if data.snils is not None else None
    person_id = await find_person_of(pools, reader, data.organization_id, data.patient_id, snils)
    staff = Staff(statement.name, statement.position)
    return await take_ground(pools, reader, staff, person_id, data.claim(statement))


def record_api() -> Router:
    """Return the routes under `/api/v1/record`. `app.state` has `pools`, `hot`, `buckets`, `known_clients`,
    `statements`.
    """
    return Router(
        path="/api/v1/record",
        route_handlers=[read_timeline, read_content],
        request_max_body_size=JSON_BODY,
        guards=[client_guard(SITE, "record"), statement_guard],
        exception_handlers={TrustMedError: refusal_response},
        opt={"exclude_from_csrf": True, "machine_only": True},
        tags=["record"],
        security=[{"client_token": []}],
    )
