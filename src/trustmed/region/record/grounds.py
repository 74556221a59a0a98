"""On what ground a person's record is opened: treatment, consent, or a life in danger. The databases say yes or no.

Federal law 323-ФЗ, article 13: medical secrecy; without the patient's consent it is opened for treatment where the
patient cannot speak for themselves (part 4, point 1), and within an organisation to those who treat.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

import msgspec

from trustmed.audit.emergency import LONGEST_REASON, SHORTEST_REASON
from trustmed.db.async_rows import find_value
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
NEW_HOURS: Final = 24
"""How long what only the reader has done opens what an emergency needs. Then somebody else must have done something:
time alone makes no proof, or whoever waits a day would read everybody."""
LAST_VISIT: Final = dt.timedelta(days=30)
NEW_NOTE: Final = "по новому визиту, без записи / by a new visit, without a booking"
PATIENCE_SECONDS: Final = (1.0, 1.5)
"""How long a part is waited for that may know the ground, at the first asking and at the second."""

Ground = Literal["treatment", "consent", "break_glass"]
Proof = Literal["proven", "new"]
"""'proven' by an act of somebody else than the reader, 'new' by what only the reader has done lately."""


class Check(msgspec.Struct, frozen=True):
    """A named query (see queries.sql) that answers with a Proof or null, for a person, an organisation and a reader."""

    query: str
    place: Place


# A ground's proofs: any of them opens the record. A new kind of proof (a referral, an attachment, an arrival at the
# desk) is one query more, or one more line of the database's function that a query calls.
CHECKS: Final[dict[Ground, tuple[Check, ...]]] = {
    "treatment": (
        Check("proof_at_registry", Place.REGISTRY),
        Check("proof_at_shard", Place.RECORD),
        Check("proof_at_booking", Place.BOOKING),
    ),
    "consent": (Check("proof_of_consent", Place.RECORD),),
}


class Seen(msgspec.Struct, frozen=True):
    """The organisation's last visit of the person, as the site says under its signature.

    `is_of_another`: another doctor began it, or somebody else confirmed it.
    """

    day: dt.date
    is_of_another: bool


class Claim(msgspec.Struct, frozen=True):
    """What a reader claims: the ground, the organisation whose staff they are (None: the region's), a typed reason.

    `account`, `employee_id`: who of the organisation reads, so that their own acts are told from others'.
    """

    ground: Ground
    organization_id: int | None = None
    reason: str = ""
    account: str = ""
    employee_id: UUID | None = None
    seen: Seen | None = None


class Granted(msgspec.Struct, frozen=True):
    """The ground taken. `is_narrow`: only what an emergency needs is open, because only the reader stands for it.

    Not `verified`: the part that knows is away, and the site's signed word of its last visit was taken.
    """

    ground: Ground
    detail: str | None = None
    verified: bool = True
    is_narrow: bool = False


class TreatmentNotFound(GroundRefused):
    def __init__(self) -> None:
        super().__init__(
            f"Карта не открыта: за {TREATMENT_DAYS} дней в вашей организации нет ни визита этого человека к другому "
            "врачу, ни документа другого врача, никто другой его к вам не записывал. Её откроют запись на приём, "
            "отметка регистратуры о приходе, согласие пациента либо экстренный доступ с причиной (не короче "
            f"{SHORTEST_REASON} букв).",
            f"The record is not opened: in {TREATMENT_DAYS} days your organisation has neither a visit of this person "
            "to another doctor nor another doctor's document, and nobody else has booked them. What opens it: a "
            "booking, an arrival noted at the desk, the patient's consent, or emergency access with a reason (at "
            f"least {SHORTEST_REASON} letters).",
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
    silent: list[tuple[Check, PartMissing]] = []
    is_new = False
    for check in CHECKS[claim.ground]:
        try:
            proof = await _find_proof(pools, check, person_id, claim)
        except PartMissing as missing:
            silent.append((check, missing))
            continue
        if proof == "proven":
            return Granted(claim.ground, _detail(claim))
        is_new = is_new or proof == "new"
    away = next((lost for check, lost in silent if check.place is Place.RECORD and lost.is_unreachable), None)
    seen = _recently_seen(claim)
    if away is not None and seen is not None:
        return _on_the_sites_word(claim, seen, away)
    if is_new:
        return Granted(claim.ground, _detail(claim, NEW_NOTE), is_narrow=True)
    if silent:
        raise GroundUnclear([lost.part for _, lost in silent])
    raise TreatmentNotFound if claim.ground == "treatment" else ConsentNotFound


def _recently_seen(claim: Claim) -> Seen | None:
    """Return the visit by which the site says that it treats the person, if it is one of its last."""
    if claim.ground != "treatment" or claim.seen is None:
        return None
    return claim.seen if abs(dt.datetime.now(dt.UTC).date() - claim.seen.day) <= LAST_VISIT else None


def _on_the_sites_word(claim: Claim, seen: Seen, away: PartMissing) -> Granted:
    """Return the ground that the part which is away would know, for a person of the site's last visits."""
    note = (
        f"не проверено: недоступна часть «{away.part}»; со слов организации, визит {seen.day:%d.%m.%Y} / "
        f"not verified: {away.part} is away; the organisation tells of a visit on {seen.day}"
    )
    notes = (note,) if seen.is_of_another else (note, NEW_NOTE)
    return Granted("treatment", _detail(claim, *notes), verified=False, is_narrow=not seen.is_of_another)


def _detail(claim: Claim, *notes: str) -> str | None:
    return " · ".join(filter(None, (tidy(claim.reason)[:LONGEST_REASON], *notes))) or None


async def _find_proof(pools: Pools, check: Check, person_id: UUID, claim: Claim) -> Proof | None:
    """Return the proof that the check finds; a part that is busy or slow is asked once more. Raises PartMissing."""
    database = _database(pools, check.place, claim.organization_id)
    if database is None:
        return None
    values = {
        "person_id": person_id,
        "organization_id": claim.organization_id,
        "employee_id": claim.employee_id,
        "account": claim.account,
        "days": TREATMENT_DAYS,
        "new_hours": NEW_HOURS,
    }
    for again, patience in enumerate(PATIENCE_SECONDS):
        try:
            async with pools.connection(
                database, patience=patience, longest_wait=patience, is_asked_again=bool(again)
            ) as connection:
                return await find_value(connection, QUERIES[check.query], values)
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
