"""Linking patients to persons, safely against other registrations at the same moment.

What is decided on is read under advisory locks of every blocking key and patient concerned, always from the tables as
they are now: a change that comes twice, late or out of order decides the same. Four registrations of one new person at
one moment would otherwise make up to four persons.
"""

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal
from uuid import UUID

import psycopg

from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.errors import Unavailable
from trustmed.matching.decide import Verdict, decide
from trustmed.matching.explain import words
from trustmed.matching.keys import deep_probes_of, keys_of, probes_of
from trustmed.matching.model import Model
from trustmed.matching.profile import pack, profile_of
from trustmed.region.index.candidates import Found, Probes, find_rows, found_of
from trustmed.region.index.model import Member, PatientKey, PatientLink, Prepared, Row, arrays, card_of
from trustmed.region.index.save import save
from trustmed.region.index.settle import Settled, settle
from trustmed.region.index.weights import weights

QUERIES = load(__package__)
BATCH = 50  # patients of one transaction: some ten locks each
TRIES = 20

Connect = Callable[[], psycopg.Connection]


class IndexBusy(Unavailable):
    """The patients at hand kept changing while they were being linked."""


class _Moved(Exception):
    """Something was changed by others between reading and holding it: read again."""


def link_patient(connection: psycopg.Connection, key: PatientKey) -> PatientLink | None:
    """Link one patient; None if there is no such row. Raises IndexBusy, psycopg.Error."""
    return link_patients(connection, [key]).get(key)


def link_patients(
    connection: psycopg.Connection, keys: Sequence[PatientKey], *, anew: bool = False, model: Model | None = None
) -> dict[PatientKey, PatientLink]:
    """Link these patients, durably, and say how; a key without a row is left out. Raises IndexBusy, psycopg.Error.

    A row the index knows as it is now is decided on again only if `anew`. Whom a steward was asked about together with
    one of them is linked anew as well: the doubt may be gone.
    `connection` is to the index's database as trustmed_feed, in autocommit. Doing it again changes nothing.
    """
    model = model or weights(connection)
    linked: dict[PatientKey, PatientLink] = {}
    ordered = list(dict.fromkeys(keys))
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        done, doubtful = _link_batch(connection, model, batch, anew=anew)
        linked |= done
        again = [key for key in doubtful if key not in done]
        for first in range(0, len(again), BATCH):
            _link_batch(connection, model, again[first : first + BATCH], anew=True)
    return linked


def link_in_parallel(connect: Connect, workers: int, keys: Sequence[PatientKey]) -> None:
    """The same by several connections at once; the locks keep them apart. Raises what `link_patients` does."""
    ordered = list(dict.fromkeys(keys))
    shares = [ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH)]
    lanes = [shares[lane::workers] for lane in range(workers) if shares[lane::workers]]

    def run(lane: Sequence[Sequence[PatientKey]]) -> None:
        with connect() as connection:
            for share in lane:
                link_patients(connection, share)

    with ThreadPoolExecutor(len(lanes) or 1) as pool:
        for done in [pool.submit(run, lane) for lane in lanes]:
            done.result()


def link_anew(connection: psycopg.Connection) -> None:
    """Decide again on the patients whom stewards' acts asked to be matched anew. Raises what `link_patients` does."""
    while True:
        waiting = connection.execute(QUERIES["rematch"], {"limit": BATCH}).fetchall()
        wanted = [PatientKey(*row[:2]) for row in waiting]
        if not wanted:
            return
        link_patients(connection, wanted, anew=True)
        connection.execute(QUERIES["matched_anew"], {**arrays(wanted), "asked": [row[2] for row in waiting]})


def prepare(row: Row) -> Prepared:
    """What the matcher makes of a row."""
    profile = profile_of(row.card)
    return Prepared(row, profile, pack(profile), keys_of(profile), probes_of(profile))


def rows_of(connection: psycopg.Connection, keys: Sequence[PatientKey]) -> list[Row]:
    """The rows of these patients as they are now, in the order of the keys."""
    return [_row(*row) for row in connection.execute(QUERIES["patients"], arrays(keys))]


def _row(
    organization_id: int,
    patient_id: UUID,
    version: str,
    number: int,
    content: bytes | None,
    keys: list[int] | None,
    person_id: UUID | None,
    decision: Literal["automatic", "manual"],
    reason: str,
    new_person: UUID,
    *card: Any,
) -> Row:
    link = None if person_id is None else PatientLink(person_id, decision, reason)
    key = PatientKey(organization_id, patient_id)
    return Row(key, card_of(card), version, number, content, tuple(keys or ()), link, new_person)


def _link_batch(
    connection: psycopg.Connection, model: Model, asked: Sequence[PatientKey], *, anew: bool
) -> tuple[dict[PatientKey, PatientLink], list[PatientKey]]:
    """The links, and who else may be decided on now. Rows the index knows already are settled only `anew`."""
    for _ in range(TRIES):
        rows = rows_of(connection, asked)
        known = {row.key: row.link for row in rows if row.link is not None}
        prepared = [one for one in map(prepare, rows) if anew or one.content != one.row.content or one.row.link is None]
        if not prepared:
            return known, []
        try:
            with connection.transaction():
                _hold_rows(connection, prepared)
                settled, revisions = _settle(connection, model, prepared)
                _hold_persons(connection, settled, revisions)
                doubtful = save(connection, model, prepared, settled)
        except _Moved:
            continue
        return known | {one.row.key: one.link for one in settled}, doubtful
    raise IndexBusy(
        f"Пациенты менялись {TRIES} раз подряд, пока их связывали с людьми. Повторите; лента повторит сама.",
        f"Patients changed {TRIES} times in a row while being linked to persons. Try again; the feed does by itself.",
    )


def _hold_rows(connection: psycopg.Connection, prepared: Sequence[Prepared]) -> None:
    """Lock what is decided on, and see that it is still what was read."""
    connection.execute(QUERIES["lock"], {"locks": array_literal(_locks(prepared))})
    versions = {
        PatientKey(organization_id, patient_id): version
        for organization_id, patient_id, version in connection.execute(
            QUERIES["versions"], arrays([one.row.key for one in prepared])
        )
    }
    if any(versions.get(one.row.key) != one.row.version for one in prepared):
        raise _Moved


def _settle(
    connection: psycopg.Connection, model: Model, prepared: Sequence[Prepared]
) -> tuple[list[Settled], dict[UUID, int]]:
    """Decide one after another; who was decided is known to the next. Also the persons' revisions it was decided at."""
    found = find_rows(connection, [key for one in prepared for key in one.probes])
    persons = [one.row.link.person_id for one in prepared if one.row.link is not None]
    if persons:
        found = found.add(_members(connection, persons))
    apart = _apart(connection, prepared)
    verdicts = {one.row.key: _verdict(model, one, one.probes, found, apart) for one in prepared}
    uncertain = [one for one in prepared if verdicts[one.row.key].outcome != "linked"]
    if uncertain:
        found = found.add(find_rows(connection, [key for one in uncertain for key in deep_probes_of(one.profile)]))
    settled: list[Settled] = []
    for one in prepared:
        verdict = verdicts[one.row.key]
        if found.put_under(one.probes):
            verdict = _verdict(model, one, one.probes, found, apart)
        if verdict.outcome != "linked":
            verdict = _verdict(model, one, (*one.probes, *deep_probes_of(one.profile)), found, apart)
        before = one.row.link
        companions = [m for m in found.of_person(before.person_id) if m.key != one.row.key] if before else []
        result = settle(model, one.row, verdict, companions, words(verdict, "ru").line)
        found.put(Member(one.row.key, result.link.person_id, result.link.decision, one.profile), one.keys)
        settled.append(result)
    return settled, found.revisions


def _verdict(
    model: Model, one: Prepared, probes: Sequence[int], found: Found, apart: dict[PatientKey, set[UUID]]
) -> Verdict:
    candidates = found.candidates(probes, one.row.key)
    return decide(model, one.profile, candidates, frozenset(apart.get(one.row.key, ())))


def _members(connection: psycopg.Connection, persons: Sequence[UUID]) -> Found:
    rows = connection.execute(QUERIES["members"], {"persons": list(dict.fromkeys(persons))})
    return found_of(Probes(()), ((*row[:5], None, row[5]) for row in rows))


def _apart(connection: psycopg.Connection, prepared: Sequence[Prepared]) -> dict[PatientKey, set[UUID]]:
    known = [one.row.key for one in prepared if one.row.link is not None]
    apart: dict[PatientKey, set[UUID]] = {}
    if known:
        for organization_id, patient_id, person_id in connection.execute(QUERIES["apart"], arrays(known)):
            apart.setdefault(PatientKey(organization_id, patient_id), set()).add(person_id)
    return apart


def _hold_persons(connection: psycopg.Connection, settled: Sequence[Settled], revisions: dict[UUID, int]) -> None:
    """Hold the persons linked to and left, and see that nobody merged or split them since they were read."""
    new = {one.row.new_person for one in settled}
    left = {one.left for one in settled if one.left is not None}
    touched = sorted(({one.link.person_id for one in settled if one.kind is not None} | left) - new)
    if not touched:
        return
    for person, revision, merged_into in connection.execute(
        QUERIES["own_persons" if left else "hold_persons"], {"persons": touched}
    ):
        if merged_into is not None or revisions.get(person, revision) != revision:
            raise _Moved


def _locks(prepared: Sequence[Prepared]) -> list[int]:
    keys = {((key >> 32) ^ key) & 0xFFFFFFFF for one in prepared for key in (*one.keys, *one.row.keys)}
    patients = {zlib.crc32(f"{one.row.key.organization_id}:{one.row.key.id}".encode()) for one in prepared}
    return sorted(lock - (1 << 32) if lock >= 1 << 31 else lock for lock in keys | patients)
