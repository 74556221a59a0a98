"""Which person a patient is, by СНИЛС and ЕНП alone: pure rules over what the index knows.

An identifier decides, СНИЛС before ЕНП, unless it contradicts itself. What needs likeness of names is the matcher's.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from trustmed.region.index.model import Identifier, Kind, Link, Patient, PatientKey


class Known:
    """What the index knows of the patients and persons at hand. `settle` keeps it current."""

    def __init__(
        self,
        patients: dict[PatientKey, Patient],
        links: dict[PatientKey, Link],
        owners: dict[Identifier, UUID],
    ) -> None:
        self.patients = patients
        self.links = links
        self.owners = owners
        self._members: dict[UUID, set[PatientKey]] = defaultdict(set)
        for key, link in links.items():
            self._members[link.person_id].add(key)

    def link(self, key: PatientKey, link: Link) -> None:
        """Link the patient, whoever they were before."""
        before = self.links.get(key)
        if before is not None:
            self._members[before.person_id].discard(key)
        self.links[key] = link
        self._members[link.person_id].add(key)

    def members(self, person: UUID) -> list[Patient]:
        """The patients linked to the person."""
        return [self.patients[key] for key in self._members.get(person, ()) if key in self.patients]

    def others(self, person: UUID, key: PatientKey) -> list[Patient]:
        """The patients linked to the person, but for this one."""
        return [patient for patient in self.members(person) if patient.key != key]

    def merged_by_hand(self, person: UUID, key: PatientKey) -> bool:
        """Whether somebody linked another patient to this person by decision."""
        others = self._members.get(person, set()) - {key}
        return any(self.links[other].decision == "manual" for other in others)


def settle(known: Known, patient: Patient, new_person: UUID) -> Link:
    """Decide, and note link and identifiers in `known`. `new_person` is taken if no known person will do."""
    link = known.links.get(patient.key)
    if link is not None and link.decision == "manual":
        _claim(known, patient, link.person_id)
        _release(known, link.person_id)
        return link
    person = _matched(known, patient) or _kept(known, patient, link) or new_person
    # Left first, claimed after: what the person left behind holds no more is free for this patient at once.
    known.link(patient.key, Link(person, "automatic", ""))
    if link is not None and link.person_id != person:
        _release(known, link.person_id)
    _claim(known, patient, person)
    decided = Link(person, "automatic", _reason(known, patient, person))
    known.link(patient.key, decided)
    _release(known, person)
    return decided


def fits(patient: Patient, others: Iterable[Patient]) -> bool:
    """Whether the patient may be the person whom these patients are: not when name and birth date are both others.

    A child is often registered under the mother's СНИЛС. Nobody to compare with is no contradiction.
    """
    others = list(others)
    return not others or any(
        patient.birth_date == other.birth_date or _name(patient) == _name(other) for other in others
    )


def _matched(known: Known, patient: Patient) -> UUID | None:
    return next(
        (
            known.owners[identifier]
            for identifier in patient.identifiers
            if identifier in known.owners and _agrees(known, patient, identifier)
        ),
        None,
    )


def _agrees(known: Known, patient: Patient, identifier: Identifier) -> bool:
    others = known.others(known.owners[identifier], patient.key)
    if not fits(patient, others):
        return False
    return identifier.kind is Kind.SNILS or not _other_snils(patient, others)


def _other_snils(patient: Patient, others: Iterable[Patient]) -> bool:
    """Whether the others have a СНИЛС and it is another: СНИЛС decides before ЕНП."""
    mine = _of_kind(patient, Kind.SNILS)
    theirs = {value for other in others if (value := _of_kind(other, Kind.SNILS)) is not None}
    return mine is not None and bool(theirs) and mine not in theirs


def _kept(known: Known, patient: Patient, link: Link | None) -> UUID | None:
    """The person the patient was, if leaving would part nothing but what identifiers alone had joined."""
    if link is None:
        return None
    alone = not known.others(link.person_id, patient.key)
    return link.person_id if alone or known.merged_by_hand(link.person_id, patient.key) else None


def _claim(known: Known, patient: Patient, person: UUID) -> None:
    for identifier in patient.identifiers:
        owner = known.owners.get(identifier)
        if owner is None or not known.others(owner, patient.key):
            known.owners[identifier] = person


def _release(known: Known, person: UUID) -> None:
    """Let go of identifiers that none of the person's patients has any more."""
    held = {identifier for patient in known.members(person) for identifier in patient.identifiers}
    for identifier in [one for one, owner in known.owners.items() if owner == person and one not in held]:
        del known.owners[identifier]


def _reason(known: Known, patient: Patient, person: UUID) -> str:
    """Why, in words that need no numbers; the same for the same state, however it was reached."""
    agreeing = [one.kind.ru for one in patient.identifiers if known.owners[one] == person]
    parts = [f"по {' и '.join(agreeing)}" if agreeing else "отдельный человек"]
    for identifier in patient.identifiers:
        if known.owners[identifier] != person:
            parts.append(_why_not(known, patient, identifier, bool(agreeing)))
    parts += [f"{kind.ru} с неверным контрольным числом не учтён" for kind in patient.invalid]
    if not patient.identifiers and not patient.invalid:
        parts.append("нет ни СНИЛС, ни ЕНП")
    return "; ".join(parts)


def _why_not(known: Known, patient: Patient, identifier: Identifier, decided: bool) -> str:
    title = identifier.kind.ru
    others = known.others(known.owners[identifier], patient.key)
    if not fits(patient, others):
        return f"{title} записан и за человеком с другими именем и датой рождения"
    if identifier.kind is Kind.ENP and decided:
        return "ЕНП записан за другим человеком, решил СНИЛС"
    return f"{title} записан за другим человеком"


def _of_kind(patient: Patient, kind: Kind) -> str | None:
    return next((one.value for one in patient.identifiers if one.kind is kind), None)


def _name(patient: Patient) -> tuple[str, str]:
    return _plain(patient.surname), _plain(patient.given_name)


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").replace("-", " ").split())
