"""On what ground a person's record is opened: treatment, consent, or a life in danger. The databases say yes or no.

Federal law 323-ФЗ, article 13: medical secrecy; without the patient's consent it is opened for treatment where the
patient cannot speak for themselves (part 4, point 1), and within an organisation to those who treat.
"""

from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

import msgspec

from trustmed.audit.emergency import LONGEST_REASON, SHORTEST_REASON
from trustmed.db.queries import load
from trustmed.errors import Unavailable
from trustmed.patient.writing import tidy
from trustmed.region.access.emergency import reason_of_emergency
from trustmed.region.access.errors import GroundRefused
from trustmed.region.pools import OrganizationUnknown, PartMissing, Pools
from trustmed.schema import Place
from trustmed.topology.file.spec import Database

QUERIES = load(__package__)
TREATMENT_DAYS: Final = 365
PATIENCE_SECONDS: Final = (1.0, 1.5)
"""How long a part is waited for that may know the ground, at the first asking and at the second."""

Ground = Literal["treatment", "consent", "break_glass"]


class Check(msgspec.Struct, frozen=True):
    """A named query (see queries.sql) that tells, of a person and an organisation, whether a ground holds."""

    query: str
    place: Place


# Any of a ground's checks opens it. A ground with a new kind of proof gets it here.
CHECKS: Final[dict[Ground, tuple[Check, ...]]] = {
    "treatment": (
        Check("signed_lately", Place.REGISTRY),
        Check("seen_lately", Place.RECORD),
        Check("expected", Place.BOOKING),
    ),
    "consent": (Check("has_consent", Place.RECORD),),
}


class Claim(msgspec.Struct, frozen=True):
    """What a reader claims: the ground, the organisation whose staff they are (None: the region's), a typed reason."""

    ground: Ground
    organization_id: int | None = None
    reason: str = ""


class Granted(msgspec.Struct, frozen=True):
    """The ground taken. Not `verified`: the part that knows is away, and the site's word was taken."""

    ground: Ground
    detail: str | None = None
    verified: bool = True


class TreatmentNotFound(GroundRefused):
    def __init__(self) -> None:
        super().__init__(
            f"Карта не открыта: за {TREATMENT_DAYS} дней в вашей организации нет ни визита этого человека, ни его "
            "подписанного документа, он и не записан к вам. Её откроют визит, документ, запись на приём, согласие "
            f"пациента либо экстренный доступ с причиной (не короче {SHORTEST_REASON} букв).",
            f"The record is not opened: in {TREATMENT_DAYS} days your organisation has neither a visit nor a signed "
            "document of this person, who is not booked there either. A visit, a document, a booking, the patient's "
            f"consent or emergency access with a reason (at least {SHORTEST_REASON} letters).",
        )


class ConsentNotFound(GroundRefused):
    def __init__(self) -> None:
        super().__init__(
            "Карта не открыта: действующего согласия пациента для вас в системе нет. Запишите согласие в медицинской "
            f"организации или укажите экстренный доступ с причиной (не короче {SHORTEST_REASON} букв).",
            "The record is not opened: there is no consent of the patient in force for you. Record the consent at the "
            f"medical organisation, or take emergency access with a reason (at least {SHORTEST_REASON} letters).",
        )


class GroundUnclear(Unavailable):
    """A part that may know the ground is busy, slow or away: nothing is opened, and nothing is denied."""

    def __init__(self, parts: Sequence[str]) -> None:
        names = ", ".join(dict.fromkeys(parts))
        super().__init__(
            f"Основание сейчас не проверить: не отвечает часть региона «{names}». Повторите через несколько секунд; "
            "если есть угроза жизни, откройте карту экстренно.",
            f"The ground cannot be checked now: part {names!r} of the region does not answer. Try again in a few "
            "seconds; where a life is in danger take emergency access.",
        )


async def verify_claim(pools: Pools, person_id: UUID, claim: Claim) -> Granted:
    """Return the ground if the claim holds. Raises GroundRefused, GroundUnclear."""
    if claim.ground == "break_glass":
        return Granted("break_glass", reason_of_emergency(claim.reason))
    reason = tidy(claim.reason)[:LONGEST_REASON] or None
    silent: list[PartMissing] = []
    for check in CHECKS[claim.ground]:
        try:
            if await _holds(pools, check, person_id, claim.organization_id):
                return Granted(claim.ground, reason)
        except PartMissing as missing:
            silent.append(missing)
    if silent:
        raise GroundUnclear([one.part for one in silent])
    raise TreatmentNotFound if claim.ground == "treatment" else ConsentNotFound


async def _holds(pools: Pools, check: Check, person_id: UUID, organization_id: int | None) -> bool:
    """Return whether the check finds the proof of the ground; a part that is busy or slow is asked once more.

    Raises PartMissing.
    """
    database = _database(pools, check.place, organization_id)
    if database is None:
        return False
    values = {"person_id": person_id, "organization_id": organization_id, "days": TREATMENT_DAYS}
    for again, patience in enumerate(PATIENCE_SECONDS):
        try:
            async with pools.connection(
                database, patience=patience, longest_wait=patience, is_asked_again=bool(again)
            ) as connection:
                row = await (await connection.execute(QUERIES[check.query], values)).fetchone()
            return bool(row and row[0])
        except PartMissing as missing:
            if missing.is_unreachable or patience == PATIENCE_SECONDS[-1]:
                raise
    raise AssertionError("a part is asked at least once")


def _database(pools: Pools, place: Place, organization_id: int | None) -> Database | None:
    """Return the database that holds the proof; None for the region's own staff, who treat in no organisation."""
    if organization_id is None:
        return None
    if place is not Place.RECORD:
        return pools.of_place(place)
    try:
        return pools.shard_of(organization_id)
    except OrganizationUnknown:
        return None
