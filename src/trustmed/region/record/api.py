"""`/api/v1/record`: the integrated record for the sites' systems (machine clients with scope `record`)."""

from typing import Any, Final

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from trustmed.errors import Forbidden, InputRefused, TrustMedError
from trustmed.region.access.entry import client_of, refused
from trustmed.region.access.model import Access, Action, Reader
from trustmed.region.record.filters import checked
from trustmed.region.record.opening import opened, person_named
from trustmed.region.record.parts import denied_anywhere
from trustmed.region.record.views import Asking, RecordView, record_view
from trustmed.region.registry.snils import normalised

SITE: Final = Reader("", "", "region", "treatment")


class NotItsOrganization(Forbidden):
    """The client may not speak for the staff of this organisation."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(
            f"Клиент «{name}» не говорит за организацию {number}. Инженер региона указывает организации клиента при "
            "его создании: trustmed region client-add --organization.",
            f"Client {name!r} does not speak for organisation {number}. The region's engineer names a client's "
            "organisations when making it: trustmed region client-add --organization.",
        )


class PatientOrSnils(InputRefused):
    """It must be said about whom, once."""

    def __init__(self) -> None:
        super().__init__(
            "Укажите что-то одно: patient_id (пациент вашей организации) или snils.",
            "Name one of the two: patient_id (a patient of your organisation) or snils.",
        )


@post("/timeline", summary="A page of a person's record, newest first", status_code=200)
async def read_timeline(request: Request[Any, Any, Any], data: JSONBody[Asking]) -> RecordView:
    """`missing` names the parts that did not answer: the page is then partial. 403 says what would open the record."""
    state = request.app.state
    client, reader = await client_of(request, "record", SITE)
    reader = msgspec.structs.replace(
        reader,
        actor=f"{client.id}:{data.doctor_account}",
        actor_name=f"{data.doctor_name}, {data.doctor_position} ({client.name})",
        ground=data.ground,
        organization_id=data.organization_id,
    )
    if data.organization_id not in (client.organizations or ()):
        refusal = NotItsOrganization(client.name, data.organization_id)
        as_whom = msgspec.structs.replace(reader, organization_id=None)
        await denied_anywhere(state.pools, Access(as_whom, Action.RECORD, None), refusal)
        raise refusal
    wanted = checked(data.wanted())
    if (data.patient_id is None) == (data.snils is None):
        raise PatientOrSnils
    snils = normalised(data.snils) if data.snils is not None else None
    person_id = await person_named(state.pools, reader, data.organization_id, data.patient_id, snils)
    found = await opened(
        *(state.pools, state.hot, reader, person_id, data.claim(), wanted), after=data.after, limit=data.limit
    )
    return record_view(state.pools.topology, found)


def record_api() -> Router:
    """The routes under `/api/v1/record`. `app.state` has `pools`, `hot`, `buckets`, `known_clients`."""
    return Router(
        path="/api/v1/record",
        route_handlers=[read_timeline],
        exception_handlers={TrustMedError: refused},
        opt={"exclude_from_csrf": True, "machine_only": True},
        tags=["record"],
        security=[{"client_token": []}],
    )
