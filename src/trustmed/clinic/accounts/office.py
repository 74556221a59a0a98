"""The accounts of an organisation as the signed-in account keeps them."""

from trustmed.clinic.accounts.door import DOOR
from trustmed.clinic.accounts.model import ROLES
from trustmed.clinic.accounts.service import sql
from trustmed.clinic.desk import AnyRequest, actor_of, clinic_of
from trustmed.clinic.work import tenant
from trustmed.staff.desk import StaffDesk
from trustmed.staff.model import Author, Office
from trustmed.web.identity import identity_of


def _office_of(request: AnyRequest) -> Office:
    pool, actor, account_id = clinic_of(request).databases.site, actor_of(request), identity_of(request).account_id
    return Office(
        Author(account_id, actor.name),
        ROLES,
        sql,
        lambda: tenant(pool, actor.organization_id),
        request.app.state.sessions.copies,
    )


DESK = StaffDesk(DOOR, _office_of)
