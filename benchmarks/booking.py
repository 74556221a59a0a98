"""`make bench-booking`: bookings a second through the region's service, beside pgbench running the same SQL.

Then the race: 200 clients of four channels for 1,000 slots, 100,000 attempts, with the line cut and PostgreSQL killed
(ARGS="--attempts 5000" for a short one). Both end each measured booking again, so slots never run out.
"""

import argparse
import asyncio
import datetime as dt
import os
import re
import shutil
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any, Final

import psycopg
import uvloop
from psycopg.conninfo import conninfo_to_dict
from tests.fault.test_booking_race import Racing, disturb
from tests.fault.test_kill9 import settle

from benchmarks.harness import Report, percentile, publish
from benchmarks.race import Field, await_field, judge_at_rest, prepare_field
from benchmarks.replication import without_relays
from trustmed.audit.actions import Action
from trustmed.booking.model import BookingRequest
from trustmed.db.queries import load
from trustmed.demo.laptop import Laptop, prepare
from trustmed.demo.region import running
from trustmed.embedded.unprivileged import postgres_programs
from trustmed.hot.copies import HotCopies
from trustmed.region.access.model import Reader
from trustmed.region.booking import service
from trustmed.region.booking.model import Caller
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.topology.connect import cache_url, conninfo

CLIENTS: Final = 8
SECONDS: Final = int(os.environ.get("TRUSTMED_BENCH_SECONDS", "10"))
ROUNDS: Final = 3
SLOTS_EACH: Final = 200
READER: Final = Reader("bench", "Измерение", "region", "service")
FILL = """
create table public.bench_slot as
select row_number() over (order by s.id) - 1 as n, s.id as slot_id, gen_random_uuid() as person_id, s.starts_at
from booking.slot s join booking.resource r on r.organization_id = s.organization_id and r.id = s.resource_id
where r.name = 'bench';
create unique index on public.bench_slot (n);
grant select on public.bench_slot to trustmed_region;
"""
SLOTS = """
with doctor as (
    insert into booking.resource (organization_id, kind, name, speciality_code, speciality)
    select 101, 'room', 'bench', 'bench-' || n, 'bench' from generate_series(1, %(clients)s) n returning id
), slot as (
    insert into booking.slot (organization_id, resource_id, starts_at, ends_at, visit_kind)
    select 101, d.id, now() + interval '40 days' + n * interval '1 day',
        now() + interval '40 days' + n * interval '1 day' + interval '20 minutes', 'any'
    from doctor d, generate_series(1, %(each)s) n returning id
)
insert into booking.handover (organization_id, slot_id, turn, sell_until)
select 101, id, 1, now() + interval '30 days' from slot
"""


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--attempts", type=int, default=100_000)
    attempts = given.parse_args().attempts
    folder = Path(tempfile.mkdtemp(prefix="trustmed-bench-"))
    try:
        laptop = prepare(folder / "straight", file=without_relays(folder), fresh_ports=True)
        with running(laptop, lambda ru, en: print(f"… {en}", flush=True)):
            slots = _make_slots(laptop)
            uvloop.run(_book_by_service(laptop, slots))  # warms up plans and caches
            rounds, times = [], []
            for number in range(1, ROUNDS + 1):
                print(f"… round {number}: the service, then pgbench, {CLIENTS} clients, {SECONDS} s each", flush=True)
                per_second, spent = uvloop.run(_book_by_service(laptop, slots))
                times += spent
                rounds.append((per_second, _book_by_pgbench(laptop, folder)))
        shutil.rmtree(laptop.servers)
        figures = _run_race(folder, attempts)
    finally:
        shutil.rmtree(folder)
    ours, bare = (sum(speeds) / ROUNDS for speeds in zip(*rounds, strict=True))
    figures |= {
        "bookings_per_s": ours,
        "booking_p50_ms": percentile(times, 0.5),
        "booking_p99_ms": percentile(times, 0.99),
    }
    publish(Report("booking", figures, {"pgbench_bookings_per_s": bare}, {"vs_pgbench": ours / bare}))


def _make_slots(laptop: Laptop) -> list[tuple[Any, ...]]:
    """Make slots of the region's for each client, written where the link would bring them."""
    database = laptop.topology.database_of(Place.BOOKING)
    where = conninfo(laptop.topology, database, "administrator", "bench")
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(SLOTS, {"clients": CLIENTS, "each": SLOTS_EACH})
        connection.execute(FILL)
        connection.execute("analyze")
        return connection.execute("select slot_id, person_id from public.bench_slot order by n").fetchall()


async def _book_by_service(laptop: Laptop, slots: list[tuple[Any, ...]]) -> tuple[float, list[float]]:
    pools, hot = Pools(laptop.topology), HotCopies(cache_url(laptop.topology))
    await pools.open()
    times: list[float] = []
    born = dt.date(1980, 1, 1)
    until = time.monotonic() + SECONDS

    async def client(number: int) -> None:
        turn = 0
        while time.monotonic() < until:
            slot_id, person_id = slots[number * SLOTS_EACH + turn % SLOTS_EACH]
            turn += 1
            caller = Caller(person_id, "Измеров", "Пётр", None, born)
            asked = BookingRequest(slot_id, uuid.uuid4(), "call_centre", "bench", "Измерение")
            begun = time.monotonic()
            made = await service.book(pools, hot, READER, caller, 101, asked)
            times.append(1000 * (time.monotonic() - begun))
            await service.cancel(pools, hot, READER, caller, 101, made.id, "измерение")

    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(client(number))
    spent = time.monotonic() - begun
    await hot.close()
    await pools.close()
    return len(times) / spent, times


VALUES: Final = {
    "organization_id": "101",
    "actor": "'bench'",
    "actor_name": "'bench'",
    "channel": "'call_centre'",
    "ground": "'service'",
    "detail": "null",
    "document_id": "null",
    "patronymic": "null",
    "phone": "null",
    "snils": "null",
    "allowed": "null",
    "surname": "'Измеров'",
    "given_name": "'Пётр'",
    "birth_date": "date '1980-01-01'",
    "by": "'bench'",
    "by_name": "'bench'",
    "how": "'cancelled'",
    "why": "'bench'",
    "day_begins": "(date_trunc('day', :starts_at::timestamptz))",
    "day_ends": "(date_trunc('day', :starts_at::timestamptz) + interval '1 day')",
    "names": "array['person:' || :person_id::text, 'slot:' || :slot_id::text]",
    "person_id": ":person_id::uuid",
    "slot_id": ":slot_id::uuid",
    "request_id": ":request_id::uuid",
    "booking_id": ":booking_id::uuid",
}


def _action(act: Action) -> str:
    """Return the action's word without a colon, which pgbench would take for a variable even in a literal."""
    return f"replace('{act.replace(':', '.')}', '.', chr(58))"


def _statement(package: str, name: str, **more: str) -> str:
    """Return a named query of the service with pgbench's variables in it, on one line."""
    values = VALUES | more
    text = re.sub(r"--[^\n]*", "", load(package)[name])
    text = re.sub(r"%\((\w+)\)s", lambda found: values[found[1]], text)
    return " ".join(text.split()).rstrip(";") + ";"


def _book_by_pgbench(laptop: Laptop, folder: Path) -> float:
    """Return bookings a second by pgbench: each iteration books and ends in two transactions, as the service does."""
    audit, both, here = "trustmed.region.access", "trustmed.booking", "trustmed.region.booking"
    script = "\n".join(
        [
            rf"\set n :client_id * {SLOTS_EACH} + random(0, {SLOTS_EACH - 1})",
            "select slot_id, person_id, starts_at, gen_random_uuid() as request_id from public.bench_slot"
            r" where n = :n \gset",
            "begin;",
            _statement(audit, "write_granted", channel="'region'", action=_action(Action.REGION_BOOK)),
            _statement(both, "plan_once"),
            _statement(both, "take_locks"),
            _statement(here, "slot_time"),
            _statement(here, "why_not"),
            _statement(here, "book").rstrip(";") + r" \gset made_",
            "commit;",
            "begin;",
            _statement(audit, "write_granted", channel="'region'", action=_action(Action.REGION_CANCEL)),
            _statement(both, "plan_once"),
            _statement(here, "booking_at_region", booking_id=":made_id::uuid"),
            _statement(here, "booking_at_site", booking_id=":made_id::uuid"),
            _statement(both, "take_locks", names="array['slot:' || :slot_id::text]"),
            _statement(here, "end", booking_id=":made_id::uuid"),
            "commit;",
        ]
    )
    path = folder / "booking.sql"
    path.write_text(script + "\n", "utf-8")
    database = laptop.topology.database_of(Place.BOOKING)
    known = conninfo_to_dict(conninfo(laptop.topology, database, "trustmed_region", "bench"))
    told = {f"PG{name.upper()}": str(known[name]) for name in ("host", "port", "user", "password")}
    told["PGDATABASE"] = str(known["dbname"])
    command = [
        *(str(postgres_programs(None) / "pgbench"), "-n", "-M", "prepared", "-f", str(path)),
        *("-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS)),
    ]
    done = subprocess.run(command, env=os.environ | told, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench: {done.stdout[-500:]} {done.stderr[-1500:]}")
    return float(found[1])


def _run_race(folder: Path, attempts: int) -> dict[str, float]:
    """Run the race and return its figures. Raises what ended it early, for figures of a part would mean nothing."""
    laptop = prepare(folder / "region", fresh_ports=True)
    with running(laptop, lambda ru, en: print(f"… {en}", flush=True)) as supervisor:
        field: Field = prepare_field(laptop)
        await_field(laptop, field)
        print(f"… racing for {len(field.slots)} slots, {attempts} attempts", flush=True)
        begun = time.monotonic()
        racing = Racing(laptop, field, attempts)
        disturb(laptop, supervisor, racing)
        spent = time.monotonic() - begun
        if racing.failure is not None:
            raise racing.failure
        verdict = judge_at_rest(laptop.topology, field, racing.ledger, lambda: settle(supervisor, 1))
    shutil.rmtree(laptop.servers)
    ledger = racing.ledger
    return {
        "race_attempts": ledger.attempts,
        "race_attempts_per_s": ledger.attempts / spent,
        "race_bookings": len(ledger.booked),
        "race_p99_ms": percentile(ledger.milliseconds, 0.99),
        "double_bookings": len(verdict.doubled),
        "lost_bookings": len(verdict.lost),
        "rows_the_sides_differ_in": verdict.different,
    }


if __name__ == "__main__":
    main()
