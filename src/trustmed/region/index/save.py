"""Writing what was decided about a batch of patients: profiles, keys, persons, links, decisions, questions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import psycopg

from trustmed.db.queries import load
from trustmed.matching.decide import Proposal
from trustmed.matching.explain import words
from trustmed.matching.model import Model
from trustmed.matching.vocabulary import Comparison
from trustmed.region.index.model import PatientKey
from trustmed.region.index.settle import Pair, Settled

if TYPE_CHECKING:
    from trustmed.region.index.link import Prepared

QUERIES = load(__package__)


def save(
    connection: psycopg.Connection, model: Model, prepared: Sequence["Prepared"], settled: Sequence[Settled]
) -> list[PatientKey]:
    """Write it, within the transaction of `connection`; returns who was asked about together with these patients."""
    _save_profiles(connection, prepared)
    new = sorted({one.row.new_person for one in settled if one.is_new_person})
    if new:
        connection.execute(QUERIES["insert_persons"], {"persons": new})
    changed = [one for one in settled if one.link.decision == "automatic" and one.link != one.row.link]
    if changed:
        connection.execute(
            QUERIES["save_links"],
            {
                **_keys([one.row.key for one in changed]),
                "persons": [one.link.person_id for one in changed],
                "reasons": [one.link.reason for one in changed],
            },
        )
    left = {one.left: one.link.person_id for one in settled if one.left is not None and one.kind == "moved"}
    if left:
        connection.execute(QUERIES["retire_persons"], {"persons": list(left), "into": list(left.values())})
    _note(connection, model, [one for one in settled if one.kind is not None])
    return _ask(connection, model, settled)


def _save_profiles(connection: psycopg.Connection, prepared: Sequence["Prepared"]) -> None:
    changed = [one for one in prepared if one.content != one.row.content]
    if not changed:
        return
    connection.execute(
        QUERIES["save_profiles"],
        {
            **_keys([one.row.key for one in changed]),
            "numbers": [one.row.number for one in changed],
            "contents": [one.content for one in changed],
            "keys": [f"{{{','.join(map(str, one.keys))}}}" for one in changed],
        },
    )
    dropped = [(key, one.row.number) for one in changed for key in set(one.row.keys) - set(one.keys)]
    added = [(key, one.row.number) for one in changed for key in set(one.keys) - set(one.row.keys)]
    for name, pairs in (("drop_keys", dropped), ("add_keys", added)):
        if pairs:
            values = {"keys": [key for key, _ in pairs], "numbers": [number for _, number in pairs]}
            connection.execute(QUERIES[name], values)


def _note(connection: psycopg.Connection, model: Model, noted: Sequence[Settled]) -> None:
    if not noted:
        return
    connection.execute(
        QUERIES["note_decisions"],
        {
            **_keys([one.row.key for one in noted]),
            "kinds": [one.kind for one in noted],
            "persons": [one.link.person_id for one in noted],
            "formers": [one.left for one in noted],
            "reasons": [one.link.reason for one in noted],
            "weights": [one.proposal.comparison.weight if one.proposal else None for one in noted],
            "explanations": [_explained(one.proposal) if one.proposal else None for one in noted],
            "model": model.version,
        },
    )


def _ask(connection: psycopg.Connection, model: Model, settled: Sequence[Settled]) -> list[PatientKey]:
    """Open questions, close those that are answered; who else was in the closed ones."""
    pairs = list({(pair.patient, pair.other): pair for one in settled for pair in one.pairs}.values())
    if pairs:
        connection.execute(QUERIES["open_reviews"], {**_pairs(pairs), "model": model.version})
    known = {one.row.key for one in settled if one.row.link is not None}
    return _close(connection, known, {(pair.patient, pair.other) for pair in pairs}) if known else []


def _close(
    connection: psycopg.Connection, known: set[PatientKey], wanted: set[tuple[PatientKey, PatientKey]]
) -> list[PatientKey]:
    one, gone, partners = list[UUID](), list[UUID](), set[PatientKey]()
    for number, organization_id, patient_id, other_organization_id, other_id, is_one in connection.execute(
        QUERIES["reviews_of"], _keys(sorted(known))
    ):
        pair = (PatientKey(organization_id, patient_id), PatientKey(other_organization_id, other_id))
        if is_one:
            one.append(number)
        elif pair not in wanted:
            gone.append(number)
            partners |= set(pair) - known
    for ids, reason in ((one, "уже один человек"), (gone, "данные изменились: сомнения больше нет")):
        if ids:
            connection.execute(QUERIES["close_reviews"], {"ids": ids, "reason": reason})
    return sorted(partners)


def _explained(proposal: Proposal) -> str:
    return msgspec.json.encode(_whole(proposal)).decode()


def _whole(proposal: Proposal) -> Comparison:
    """The comparison with the row most alike, and the conflicts with anybody of the person."""
    return msgspec.structs.replace(proposal.comparison, conflicts=proposal.conflicts)


def _pairs(pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        **_keys([pair.patient for pair in pairs]),
        "other_organizations": [pair.other.organization_id for pair in pairs],
        "other_ids": [pair.other.id for pair in pairs],
        "weights": [pair.proposal.comparison.weight for pair in pairs],
        "priorities": [pair.priority for pair in pairs],
        "reasons": [words(_whole(pair.proposal), "ru").line for pair in pairs],
        "explanations": [_explained(pair.proposal) for pair in pairs],
    }


def _keys(keys: Sequence[PatientKey]) -> dict[str, Any]:
    return {"organizations": [key.organization_id for key in keys], "ids": [key.id for key in keys]}
