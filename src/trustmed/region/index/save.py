"""Write the decisions on a batch of patients: profiles, keys, persons, links, history, questions."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from trustmed.db.arrays import array_literal
from trustmed.db.queries import load
from trustmed.matching.decide import Proposal
from trustmed.matching.explain import words
from trustmed.matching.model import Model
from trustmed.matching.vocabulary import Comparison
from trustmed.region.index.decision import LinkDecision, Pair
from trustmed.region.index.model import PatientKey, Prepared, arrays

QUERIES = load(__package__)


def save_decisions(
    connection: psycopg.Connection, model: Model, prepared: Sequence[Prepared], decisions: Sequence[LinkDecision]
) -> list[PatientKey]:
    """Write the decisions within the transaction of `connection`.

    Return the patients whose questions together with these patients are closed now.
    """
    _save_profiles(connection, prepared)
    new = sorted({one.row.new_person for one in decisions if one.is_new_person})
    if new:
        connection.execute(QUERIES["insert_persons"], {"persons": array_literal(new)})
    changed = [one for one in decisions if one.link.decision == "automatic" and one.link != one.row.link]
    if changed:
        connection.execute(
            QUERIES["save_links"],
            _as_json(
                {**_patient_columns(one), "person_id": one.link.person_id, "reason": one.link.reason} for one in changed
            ),
        )
    left = {one.former_person: one.link.person_id for one in decisions if one.former_person and one.kind == "moved"}
    if left:
        connection.execute(QUERIES["retire_persons"], {"persons": list(left), "into": list(left.values())})
    _write_history(connection, model, [one for one in decisions if one.kind is not None])
    return _update_questions(connection, model, decisions)


def _save_profiles(connection: psycopg.Connection, prepared: Sequence[Prepared]) -> None:
    changed = [one for one in prepared if one.content != one.row.content]
    if not changed:
        return
    connection.execute(
        QUERIES["save_profiles"],
        _as_json(
            {**_patient_columns(one), "number": one.row.number, "content": one.content.hex(), "keys": one.keys}
            for one in changed
        ),
    )
    dropped = [(key, one.row.number) for one in changed for key in set(one.row.keys) - set(one.keys)]
    added = [(key, one.row.number) for one in changed for key in set(one.keys) - set(one.row.keys)]
    for name, pairs in (("drop_keys", dropped), ("add_keys", added)):
        if pairs:
            values = {
                "keys": array_literal(key for key, _ in pairs),
                "numbers": array_literal(number for _, number in pairs),
            }
            connection.execute(QUERIES[name], values)


def _write_history(connection: psycopg.Connection, model: Model, noted: Sequence[LinkDecision]) -> None:
    if not noted:
        return
    rows = _as_json(
        {
            **_patient_columns(one),
            "kind": one.kind,
            "person_id": one.link.person_id,
            "former_person_id": one.former_person,
            "reason": one.link.reason,
            "weight": one.proposal.comparison.weight if one.proposal else None,
            "explanation": _full_comparison(one.proposal) if one.proposal else None,
        }
        for one in noted
    )
    connection.execute(QUERIES["note_decisions"], {**rows, "model": model.version})


def _update_questions(
    connection: psycopg.Connection, model: Model, decisions: Sequence[LinkDecision]
) -> list[PatientKey]:
    """Open questions and close those that are answered; return the other patients in the closed ones."""
    pairs = list({(pair.patient, pair.other): pair for one in decisions for pair in one.pairs}.values())
    if pairs:
        connection.execute(QUERIES["open_reviews"], {**_as_json(map(_question_row, pairs)), "model": model.version})
    known = {one.row.key for one in decisions if one.row.link is not None}
    return _close_questions(connection, known, {(pair.patient, pair.other) for pair in pairs}) if known else []


def _close_questions(
    connection: psycopg.Connection, known: set[PatientKey], wanted: set[tuple[PatientKey, PatientKey]]
) -> list[PatientKey]:
    one, gone, partners = list[UUID](), list[UUID](), set[PatientKey]()
    for number, organization_id, patient_id, other_organization_id, other_id, is_one in connection.execute(
        QUERIES["reviews_of"], arrays(sorted(known))
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


def _full_comparison(proposal: Proposal) -> Comparison:
    """Return the comparison with the likeliest row, with the conflicts that any row of the person has."""
    return msgspec.structs.replace(proposal.comparison, conflicts=proposal.conflicts)


def _question_row(pair: Pair) -> dict[str, Any]:
    comparison = _full_comparison(pair.proposal)
    return {
        "organization_id": pair.patient.organization_id,
        "patient_id": pair.patient.id,
        "other_organization_id": pair.other.organization_id,
        "other_patient_id": pair.other.id,
        "weight": comparison.weight,
        "priority": pair.priority,
        "reason": words(comparison, "ru").line,
        "explanation": comparison,
    }


def _patient_columns(one: LinkDecision | Prepared) -> dict[str, Any]:
    return {"organization_id": one.row.key.organization_id, "patient_id": one.row.key.id}


def _as_json(rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return rows as one JSON parameter: psycopg escapes the texts of an array one by one, at ten times the cost."""
    return {"rows": msgspec.json.encode(list(rows)).decode()}
