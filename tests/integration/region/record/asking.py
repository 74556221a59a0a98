"""A site's program that asks the region for a record and signs who of its staff asks."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar.testing import AsyncTestClient

from tests.authority_stand import ensure_identity
from tests.fix_region import RegionStand
from trustmed.authority.identity import Identity
from trustmed.statement import HEADER, Statement, digest, new_nonce, now, seal

PATH = "/api/v1/record/timeline"


class Doctor(msgspec.Struct, frozen=True):
    """Who asks; the visit is what the site says of its last one."""

    account: str = "proverkin"
    employee_id: UUID = uuid4()
    name: str = "Проверкин П. П."
    position: str = "терапевт"
    visit_day: dt.date | None = None
    visit_is_of_another: bool = False


DOCTOR = Doctor()


def sign(body: bytes, identity: Identity, doctor: Doctor = DOCTOR, path: str = PATH, **fields: Any) -> str:
    """Return the header of a question; `fields` are put in place of the statement's own."""
    told = Statement(path=path, body_sha256=digest(body), at=now(), nonce=new_nonce(), **msgspec.structs.asdict(doctor))
    return seal(msgspec.structs.replace(told, **fields), identity.sign, identity.chain_der)


class SiteProgram(AsyncTestClient):
    """Asks in the name of the hospital's site, unless `site` names another."""

    region: RegionStand

    async def ask(
        self,
        question: dict[str, Any],
        *,
        doctor: Doctor = DOCTOR,
        site: str = "hospital",
        path: str = PATH,
        headers: dict[str, str] | None = None,
    ) -> Any:
        body = msgspec.json.encode(question)
        signed = sign(body, ensure_identity(self.region.topology, site), doctor, path)
        return await self.send_signed(body, {HEADER: signed} | (headers or {}), path)

    async def send_signed(self, body: bytes, headers: dict[str, str], path: str = PATH) -> Any:
        return await self.post(path, content=body, headers={"content-type": "application/json"} | headers)
