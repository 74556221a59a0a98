"""Let many clients of four channels race for few slots while lines are cut and servers killed; then judge the result.

`make bench-booking` and the fault test use it. A client repeats the same request until it has an answer, as any good
client does. The ledger notes what was acknowledged, and afterwards each row of the databases is compared with it.
"""

import asyncio
import datetime as dt
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec

from benchmarks.citizens import Citizens
from benchmarks.wire import Wire, wire
from trustmed.db.rows import find_rows, find_structs, find_value, find_values
from trustmed.demo.calls import Clinic
from trustmed.demo.citizens.accounts import account_of
from trustmed.demo.content.people import Someone, people
from trustmed.demo.content.seed import PASSWORD, login
from trustmed.demo.laptop import Laptop
from trustmed.schema import Place
from trustmed.topology.connect import connect
from trustmed.topology.file.spec import Database, Topology
from trustmed.topology.secrets import secret

SITE: Final = "hospital"
DOCTORS, EACH = 50, 20
PEOPLE: Final = 2000
PORTAL_BOOKINGS: Final = "/portal/v1/bookings"
CHANNELS: Final = ("registrar", "call_centre", "portal", "federal")
SHARE: Final = 0.3  # of the slots at least: the demo's quota is 40 % of first visits
PATIENCE_SECONDS: Final = 90.0
CANCELLED_SHARE: Final = 0.5
OPERATOR: Final = {"id": "operator-1", "name": "Оператор кол-центра"}

RESOURCES = """
insert into booking.resource (organization_id, kind, name, speciality_code, speciality)
select %(organization)s, 'room', 'Кабинет гонки ' || n, 'race-' || n, 'гонка' from generate_series(1, %(doctors)s) n
returning id
"""
SLOTS = """
insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind)
select %(organization)s, r.id, day.at + n * interval '20 minutes', day.at + (n + 1) * interval '20 minutes', 'first'
from unnest(%(resources)s::uuid[]) r (id), generate_series(0, %(each)s - 1) n,
    (select date_trunc('day', now()) + interval '9 days 9 hours' as at) day
returning id
"""
PATIENT = """
insert into mpi.patient (organization_id, surname, given_name, patronymic, birth_date, sex, snils)
values (%(organization)s, %(surname)s, %(given_name)s, %(patronymic)s, %(birth_date)s, %(sex)s, %(snils)s)
returning id
"""
SHARED = """
select
    (select count(*) from booking.handover h where h.slot_id = any(%(slots)s::uuid[])) as slots,
    (select count(*) from mpi.patient_link l where l.organization_id = %(organization)s) as patients
"""
SITE_ROWS = "select id, slot_id, booked_at, ended_at from booking.site_booking where slot_id = any(%s)"
REGION_ROWS = "select id, slot_id, booked_at, ended_at from booking.region_booking where slot_id = any(%s)"


class Person(msgspec.Struct, frozen=True):
    patient_id: str
    who: Someone


class Field(msgspec.Struct, frozen=True):
    """The slots that clients race for, and the persons they book for."""

    organization: int
    slots: tuple[str, ...]
    persons: tuple[Person, ...]
    citizens: Citizens


class AcknowledgedBooking(msgspec.Struct, frozen=True):
    """An acknowledged booking."""

    slot_id: str
    channel: str
    person: Person


class BookingRow(msgspec.Struct, frozen=True):
    """A row of `booking.site_booking` or `booking.region_booking`."""

    id: uuid.UUID
    slot_id: uuid.UUID
    booked_at: dt.datetime
    ended_at: dt.datetime | None


class Ledger(msgspec.Struct):
    """The answers that clients got. `unknown`: the slots of requests that never had an answer."""

    attempts: int = 0
    booked: dict[str, AcknowledgedBooking] = {}
    cancelled: set[str] = set()
    unknown: list[str] = []
    refusals: Counter[str] = Counter()
    milliseconds: list[float] = []


class Verdict(msgspec.Struct, frozen=True):
    """`doubled`: pairs of bookings that held one slot at one time. `lost`: acknowledged bookings that are absent,
    or ended though nobody cancelled them. `different`: the number of rows in which the two ends of the link differ.
    """

    doubled: list[tuple[str, str]]
    lost: list[str]
    different: int


def prepare_field(laptop: Laptop) -> Field:
    """Make a thousand slots and two thousand patients in the hospital; the links carry them to the region."""
    topology = laptop.topology
    site = topology.site_named(SITE)
    organization = site.organization[0].id
    with connect(topology, topology.database_of(Place.SITE, site), "administrator", "race") as connection:
        named = {"organization": organization, "doctors": DOCTORS, "each": EACH}
        resources = find_values(connection, RESOURCES, named)
        slots = [str(slot_id) for slot_id in find_values(connection, SLOTS, named | {"resources": resources})]
        persons = []
        with connection.transaction():
            for _, who in zip(range(PEOPLE), people(77), strict=False):
                values = {name: getattr(who, name) for name in who.__struct_fields__} | {"organization": organization}
                persons.append(Person(str(find_value(connection, PATIENT, values)), who))
    return Field(organization, tuple(slots), tuple(persons), Citizens(laptop.topology))


def await_field(laptop: Laptop, field: Field, seconds: float = 90) -> int:
    """Wait until the region has its share of slots and knows the patients; return its slots. Raises TimeoutError."""
    topology = laptop.topology
    deadline = time.monotonic() + seconds
    while True:
        with connect(topology, topology.database_of(Place.BOOKING), "administrator", "race") as connection:
            values = {"slots": list(field.slots), "organization": field.organization}
            (shared,) = find_rows(connection, SHARED, values)
        if shared["slots"] >= len(field.slots) * SHARE and shared["patients"] >= len(field.persons):
            return shared["slots"]
        if time.monotonic() > deadline:
            raise TimeoutError(f"the region has {shared['slots']} slots and knows {shared['patients']} patients")
        time.sleep(0.3)


async def race(
    laptop: Laptop, field: Field, clients: int, attempts: int, ledger: Ledger | None = None, seed: int = 1
) -> Ledger:
    """Let `clients`, a quarter of them of each channel, together make so many `attempts` to book."""
    topology = laptop.topology
    site = topology.site_named(SITE)
    registrar = Clinic(site.listen, login("registrar", 0), PASSWORD, timeout=30)
    registrar.sign_in()
    ledger, left = ledger or Ledger(), iter(range(attempts))
    authorizations = {
        "registrar": (site.listen, registrar.http.headers["Authorization"]),
        "call_centre": (topology.region.listen, f"Bearer {secret(topology, 'callcentre', 'token')}"),
        "portal": (topology.region.listen, f"Bearer {secret(topology, 'portal', 'token')}"),
        "federal": (topology.region.listen, f"Bearer {secret(topology, 'federal', 'token')}"),
    }

    async def client(number: int) -> None:
        channel = CHANNELS[number % len(CHANNELS)]
        chance = random.Random(seed * 1000 + number)
        address, authorization = authorizations[channel]
        async with wire(address, {"Authorization": authorization, "Accept-Language": "ru"}) as line:
            for _ in left:
                ledger.attempts += 1
                await _attempt(line, channel, field, chance, ledger)

    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(client(number))
    registrar.close()
    return ledger


async def _attempt(line: Wire, channel: str, field: Field, chance: random.Random, ledger: Ledger) -> None:
    slot, person = chance.choice(field.slots), chance.choice(field.persons)
    request = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    clock = asyncio.get_running_loop().time
    begun = clock()
    answer = await _ask_until_answered(lambda: _book(line, channel, field, slot, person, request))
    ledger.milliseconds.append(1000 * (clock() - begun))
    if answer is None:
        ledger.unknown.append(slot)
    elif answer.status in (200, 201):
        booking = answer.body["id"]
        ledger.booked[booking] = AcknowledgedBooking(slot, channel, person)
        if chance.random() < CANCELLED_SHARE:
            ended = await _ask_until_answered(lambda: _cancel(line, channel, field, booking, person))
            if ended is not None and (ended.status == 200 or ended.body.get("code") == "BookingOver"):
                ledger.cancelled.add(booking)
    else:
        ledger.refusals[answer.body.get("code", str(answer.status))] += 1


class Reply(NamedTuple):
    """A server's answer with its body decoded."""

    status: int
    body: dict[str, Any]


async def _ask_until_answered(ask: Callable[[], Coroutine[Any, Any, Reply]]) -> Reply | None:
    """Repeat the same request until a server really answers; None if none does within PATIENCE_SECONDS."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + PATIENCE_SECONDS
    while clock() < deadline:
        try:
            answer = await asyncio.wait_for(ask(), 20)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            answer = Reply(503, {})
        if answer.status < 500 and answer.status != 429:
            return answer
        await asyncio.sleep(0.1)
    return None


async def _book(line: Wire, channel: str, field: Field, slot: str, person: Person, request: str) -> Reply:
    asked: dict[str, Any] = {"slot_id": slot, "request_id": request}
    if channel == "registrar":
        return _read(await line.post("/api/v1/bookings", asked | {"patient_id": person.patient_id}))
    asked["organization_id"] = field.organization
    if channel == "portal":
        return _read(await line.post(PORTAL_BOOKINGS, asked, _headers(field, PORTAL_BOOKINGS, person)))
    return _read(await line.post("/api/v1/booking/bookings", asked | _about(channel, person)))


async def _cancel(line: Wire, channel: str, field: Field, booking: str, person: Person) -> Reply:
    asked: dict[str, Any] = {"why": "передумал"}
    if channel == "registrar":
        return _read(await line.post(f"/api/v1/bookings/{booking}/cancel", asked))
    asked["organization_id"] = field.organization
    if channel == "portal":
        path = f"{PORTAL_BOOKINGS}/{booking}/cancel"
        return _read(await line.post(path, asked, _headers(field, path, person)))
    return _read(await line.post(f"/api/v1/booking/bookings/{booking}/cancel", asked | _about(channel, person)))


def _headers(field: Field, path: str, person: Person) -> dict[str, str]:
    return field.citizens.headers("POST", path, person.who.snils, account_of(person.who))


def _about(channel: str, person: Person) -> dict[str, Any]:
    who = person.who
    patient = {
        "snils": who.snils,
        "surname": who.surname,
        "given_name": who.given_name,
        "patronymic": who.patronymic,
        "birth_date": who.birth_date.isoformat(),
    }
    return {"patient": patient, **({"operator": OPERATOR} if channel == "call_centre" else {})}


def _read(answer: Any) -> Reply:
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        body = {}
    return Reply(answer.status, body if isinstance(body, dict) else {})


def judge_at_rest(
    topology: Topology, field: Field, ledger: Ledger, wait: Callable[[], object], seconds: float = 120
) -> Verdict:
    """Judge once both sides agree, or after `seconds` in any case; call `wait` between attempts."""
    deadline = time.monotonic() + seconds
    while (verdict := judge(topology, field, ledger)).different and time.monotonic() < deadline:
        wait()
    return verdict


def judge(topology: Topology, field: Field, ledger: Ledger) -> Verdict:
    """Compare the databases with the ledger, once the links have caught up."""
    site = topology.site_named(SITE)
    there, here = topology.database_of(Place.BOOKING), topology.database_of(Place.SITE, site)
    ours, copies_of_ours = (_rows(topology, where, SITE_ROWS, field) for where in (here, there))
    theirs, copies_of_theirs = (_rows(topology, where, REGION_ROWS, field) for where in (there, here))
    everything = ours | theirs
    lost = [
        booking
        for booking in ledger.booked
        if booking not in everything or (everything[booking].ended_at is not None) != (booking in ledger.cancelled)
    ]
    different = len(_difference(ours, copies_of_ours)) + len(_difference(theirs, copies_of_theirs))
    return Verdict(_find_doubled(everything), lost, different)


Rows = dict[str, BookingRow]


def _rows(topology: Topology, database: Database, query: str, field: Field) -> Rows:
    with connect(topology, database, "administrator", "race") as connection:
        found = find_structs(connection, BookingRow, query.encode(), (list(field.slots),))
    return {str(row.id): row for row in found}


def _find_doubled(rows: Rows) -> list[tuple[str, str]]:
    """Return the pairs of bookings that held one slot at one moment, whichever side made them."""
    by_slot: dict[uuid.UUID, list[BookingRow]] = {}
    for row in rows.values():
        by_slot.setdefault(row.slot_id, []).append(row)
    doubled = []
    for bookings in by_slot.values():
        bookings.sort(key=lambda row: row.booked_at)
        for first, second in pairwise(bookings):
            if first.ended_at is None or first.ended_at > second.booked_at:
                doubled.append((str(first.id), str(second.id)))
    return doubled


def _difference(left: Rows, right: Rows) -> set[str]:
    return {booking for booking in left.keys() | right.keys() if left.get(booking) != right.get(booking)}
