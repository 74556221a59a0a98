"""Link patients to persons, safely against other registrations at the same moment.

The rows that a decision rests on are read under advisory locks of every blocking key and patient concerned, always as
they are now, so a change that comes twice, late or out of order leads to the same decision. Without the locks, four
registrations of one new person at one moment could make four persons.
"""

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.rows import kwargs_row

from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.errors import Unavailable
from trustmed.matching.card import Card
from trustmed.matching.decide import Verdict, decide
from trustmed.matching.explain import words
from trustmed.matching.keys import deep_probes_of, keys_of, probes_of
from trustmed.matching.model import Model
from trustmed.matching.profile import pack, profile_of
from trustmed.region.index.candidates import FoundRows, Probes, collect_rows, find_rows
from trustmed.region.index.decision import LinkDecision, decide_link
from trustmed.region.index.model import Member, PatientKey, PatientLink, Prepared, Row, arrays
from trustmed.region.index.save import save_decisions
from trustmed.region.index.weights import model_in_force

QUERIES = load(__package__)
BATCH = 50  # patients in one transaction, each with some ten locks
TRIES = 20  # a batch is read again as often if others keep changing it

Connect = Callable[[], psycopg.Connection]


class IndexBusy(Unavailable):
    """Others kept changing the patients while they were being linked."""


class _ChangedMeanwhile(Exception):
    """Others changed a row between reading and locking it: read again."""


def link_patients(
    connection: psycopg.Connection, keys: Sequence[PatientKey], *, anew: bool = False, model: Model | None = None
) -> dict[PatientKey, PatientLink]:
    """Link these patients durably; return the links, without keys that have no row. Raises IndexBusy, psycopg.Error.

    A row that has not changed since it was linked is decided on again only if `anew`. A patient about whom a steward
    was asked together with one of these is linked anew as well: the doubt may be gone.
    `connection` is to the index's database as trustmed_feed, in autocommit. Calling it again changes nothing.
    """
    model = model or model_in_force(connection)
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
    """Link patients by several connections at once; the locks keep them apart. Raises what `link_patients` does."""
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
    """Match anew the patients for whom stewards' acts asked it. Raises what `link_patients` does."""
    while True:
        waiting = connection.execute(QUERIES["rematch"], {"limit": BATCH}).fetchall()
        if not waiting:
            return
        wanted = [PatientKey(organization_id, patient_id) for organization_id, patient_id, _ in waiting]
        link_patients(connection, wanted, anew=True)
        connection.execute(
            QUERIES["matched_anew"], {**arrays(wanted), "asked": [asked_at for _, _, asked_at in waiting]}
        )


def prepare(row: Row) -> Prepared:
    """Compute what the matcher needs of a row: profile, keys and probes."""
    profile = profile_of(row.card)
    return Prepared(row, profile, pack(profile), keys_of(profile), probes_of(profile))


def rows_of(connection: psycopg.Connection, keys: Sequence[PatientKey]) -> list[Row]:
    """Return the rows of these patients as they are now, in the order of the keys."""
    with connection.cursor(row_factory=kwargs_row(_row)) as rows:
        return rows.execute(QUERIES["patients"], arrays(keys)).fetchall()


def _row(
    *,
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
    **card: Any,
) -> Row:
    link = None if person_id is None else PatientLink(person_id, decision, reason)
    key = PatientKey(organization_id, patient_id)
    return Row(key, Card(**card), version, number, content, tuple(keys or ()), link, new_person)


def _link_batch(
    connection: psycopg.Connection, model: Model, asked: Sequence[PatientKey], *, anew: bool
) -> tuple[dict[PatientKey, PatientLink], list[PatientKey]]:
    """Link a batch; return the links, and the patients whose doubts may be gone now."""
    for _ in range(TRIES):
        rows = rows_of(connection, asked)
        known = {row.key: row.link for row in rows if row.link is not None}
        prepared = [one for one in map(prepare, rows) if anew or one.content != one.row.content or one.row.link is None]
        if not prepared:
            return known, []
        try:
            with connection.transaction():
                _hold_rows(connection, prepared)
                decisions, revisions = _decide(connection, model, prepared)
                _hold_persons(connection, decisions, revisions)
                doubtful = save_decisions(connection, model, prepared, decisions)
        except _ChangedMeanwhile:
            continue
        return known | {one.row.key: one.link for one in decisions}, doubtful
    raise IndexBusy(
        f"Пациенты менялись {TRIES} раз подряд, пока их связывали с людьми. Повторите; лента повторит сама.",
        f"Patients changed {TRIES} times in a row while being linked to persons. Try again; the feed does by itself.",
    )


def _hold_rows(connection: psycopg.Connection, prepared: Sequence[Prepared]) -> None:
    """Lock the rows to decide on and their keys, and check that the rows are still as they were read."""
    connection.execute(QUERIES["lock"], {"locks": array_literal(_locks(prepared))})
    versions = {
        PatientKey(organization_id, patient_id): version
        for organization_id, patient_id, version in connection.execute(
            QUERIES["versions"], arrays([one.row.key for one in prepared])
        )
    }
    if any(versions.get(one.row.key) != one.row.version for one in prepared):
        raise _ChangedMeanwhile


def _decide(
    connection: psycopg.Connection, model: Model, prepared: Sequence[Prepared]
) -> tuple[list[LinkDecision], dict[UUID, int]]:
    """Decide on one row after another, each knowing the rows before it.

    Return the decisions, and the revisions of the persons that they rest on.
    """
    found = find_rows(connection, [key for one in prepared for key in one.probes])
    persons = [one.row.link.person_id for one in prepared if one.row.link is not None]
    if persons:
        found = found.combined_with(_members(connection, persons))
    apart = _apart(connection, prepared)
    verdicts = {one.row.key: _verdict(model, one, one.probes, found, apart) for one in prepared}
    uncertain = [one for one in prepared if verdicts[one.row.key].outcome != "linked"]
    if uncertain:
        deep_probes = [key for one in uncertain for key in deep_probes_of(one.profile)]
        found = found.combined_with(find_rows(connection, deep_probes))
    decisions: list[LinkDecision] = []
    for one in prepared:
        verdict = verdicts[one.row.key]
        if found.is_addition_found(one.probes):  # a row before this one of the batch may be the same person
            verdict = _verdict(model, one, one.probes, found, apart)
        if verdict.outcome != "linked":
            verdict = _verdict(model, one, (*one.probes, *deep_probes_of(one.profile)), found, apart)
        before = one.row.link
        companions = [m for m in found.of_person(before.person_id) if m.key != one.row.key] if before else []
        decision = decide_link(model, one.row, verdict, companions, words(verdict, "ru").line)
        found.add_member(Member(one.row.key, decision.link.person_id, decision.link.decision, one.profile), one.keys)
        decisions.append(decision)
    return decisions, found.revisions


def _verdict(
    model: Model, one: Prepared, probes: Sequence[int], found: FoundRows, apart: dict[PatientKey, set[UUID]]
) -> Verdict:
    candidates = found.candidates(probes, one.row.key)
    return decide(model, one.profile, candidates, frozenset(apart.get(one.row.key, ())))


def _members(connection: psycopg.Connection, persons: Sequence[UUID]) -> FoundRows:
    return collect_rows(Probes(()), connection.execute(QUERIES["members"], {"persons": list(dict.fromkeys(persons))}))


def _apart(connection: psycopg.Connection, prepared: Sequence[Prepared]) -> dict[PatientKey, set[UUID]]:
    known = [one.row.key for one in prepared if one.row.link is not None]
    apart: dict[PatientKey, set[UUID]] = {}
    if known:
        for organization_id, patient_id, person_id in connection.execute(QUERIES["apart"], arrays(known)):
            apart.setdefault(PatientKey(organization_id, patient_id), set()).add(person_id)
    return apart


def _hold_persons(
    connection: psycopg.Connection, decisions: Sequence[LinkDecision], revisions: dict[UUID, int]
) -> None:
    """Lock the persons linked to and left, and check that nobody merged or split them since they were read."""
    new = {one.row.new_person for one in decisions}
    left = {one.former_person for one in decisions if one.former_person is not None}
    touched = sorted(({one.link.person_id for one in decisions if one.kind is not None} | left) - new)
    if not touched:
        return
    for person, revision, merged_into in connection.execute(
        QUERIES["own_persons" if left else "hold_persons"], {"persons": touched}
    ):
        if merged_into is not None or revisions.get(person, revision) != revision:
            raise _ChangedMeanwhile


def _locks(prepared: Sequence[Prepared]) -> list[int]:
    """Fold keys and patients to signed 32 bits, as advisory locks of two numbers take. A collision only makes wait."""
    keys = {((key >> 32) ^ key) & 0xFFFFFFFF for one in prepared for key in (*one.keys, *one.row.keys)}
    patients = {zlib.crc32(f"{one.row.key.organization_id}:{one.row.key.id}".encode()) for one in prepared}
    return sorted(lock - (1 << 32) if lock >= 1 << 31 else lock for lock in keys | patients)
