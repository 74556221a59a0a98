"""Compare two profiles: a score for each field, their sum, and the conflicts that no sum may outweigh."""

from typing import Final

from trustmed.matching import likeness
from trustmed.matching.model import Model, NameScores
from trustmed.matching.profile import Profile
from trustmed.matching.vocabulary import Comparison, Conflict, Field, FieldScore, Level

_GENERATION: Final = 14  # years between the births of a parent and a child, at least
_NOTHING_IGNORED: Final[frozenset[Field]] = frozenset()
_EXACT, _DIFFERS, _DIFFERS_WOMAN, _SHARED = Level.EXACT, Level.DIFFERS, Level.DIFFERS_WOMAN, Level.SHARED
_MISSING, _PART = Level.MISSING, Level.PART
_SURNAME, _GIVEN, _PATRONYMIC, _BORN, _SEX = (
    Field.SURNAME,
    Field.GIVEN_NAME,
    Field.PATRONYMIC,
    Field.BIRTH_DATE,
    Field.SEX,
)
_SNILS, _ENP, _DOCUMENT, _PHONE, _ADDRESS = Field.SNILS, Field.ENP, Field.DOCUMENT, Field.PHONE, Field.ADDRESS


def compare(model: Model, a: Profile, b: Profile, ignored: frozenset[Field] = _NOTHING_IGNORED) -> Comparison:
    """Weigh the evidence that both profiles are of one person. `ignored`: fields with a value that many share.

    Symmetric: compare(model, a, b) == compare(model, b, a).
    """
    surname, given, patronymic = likeness.names(a, b)
    born = likeness.birth_date(a, b)
    snils = likeness.number(a.snils, a.snils_valid, b.snils, b.snils_valid)
    enp = likeness.number(a.enp, a.enp_valid, b.enp, b.enp_valid)
    document = likeness.document(a, b)
    phone = likeness.phone(a, b)
    address = likeness.address(a, b)
    if ignored:
        snils = _SHARED if _SNILS in ignored else snils
        enp = _SHARED if _ENP in ignored else enp
        document = _SHARED if _DOCUMENT in ignored else document
        phone = _SHARED if _PHONE in ignored else phone
        address = _SHARED if _ADDRESS in ignored else address
    scores, named = model.scores, model.named
    by_phone, by_address = _contact_scores(model, scores[_PHONE][phone], scores[_ADDRESS][address])
    fields = (
        _name_score(scores[_SURNAME], named.get(_SURNAME), surname, a.surname, b.surname),
        _name_score(scores[_GIVEN], named.get(_GIVEN), given, a.given, b.given),
        _name_score(scores[_PATRONYMIC], named.get(_PATRONYMIC), patronymic, a.father, b.father),
        scores[_BORN][born],
        scores[_SEX][likeness.sex(a, b)],
        scores[_SNILS][snils],
        scores[_ENP][enp],
        scores[_DOCUMENT][document],
        by_phone,
        by_address,
    )
    weight = model.prior
    for score in fields:
        weight += score.weight
    conflicts = _conflicts(a, b, (surname, given, patronymic), born, (snils, enp, document))
    return Comparison(weight, fields, conflicts)


def levels(a: Profile, b: Profile) -> tuple[Level, ...]:
    """Return the levels of all fields in the order of `Field`, which training counts."""
    return (
        *likeness.names(a, b),
        likeness.birth_date(a, b),
        likeness.sex(a, b),
        likeness.number(a.snils, a.snils_valid, b.snils, b.snils_valid),
        likeness.number(a.enp, a.enp_valid, b.enp, b.enp_valid),
        likeness.document(a, b),
        likeness.phone(a, b),
        likeness.address(a, b),
    )


def _name_score(
    scores: dict[Level, FieldScore], named: dict[Level, NameScores] | None, level: Level, one: str, other: str
) -> FieldScore:
    """Score a name: a rare one that agrees proves more than a common one; of two alike, the commoner counts."""
    if named is None or level not in named:
        return scores[level]
    names = named[level]
    first = names.by_value.get(one, names.others)
    if one == other:
        return first
    second = names.by_value.get(other, names.others)
    return first if first.weight <= second.weight else second


def _contact_scores(model: Model, phone: FieldScore, address: FieldScore) -> tuple[FieldScore, FieldScore]:
    """Score phone and address: who lives together shares both, so the lesser counts in part, and both up to a cap."""
    if phone.weight <= 0 and address.weight <= 0:
        return phone, address
    most = model.thresholds.contacts
    greater = min(max(phone.weight, address.weight), most)
    lesser = min(phone.weight, address.weight)
    if lesser > 0:
        lesser = round(min(lesser, most) * model.thresholds.echo, 2)
    if phone.weight >= address.weight:
        return FieldScore(_PHONE, phone.level, greater), FieldScore(_ADDRESS, address.level, lesser)
    return FieldScore(_PHONE, phone.level, lesser), FieldScore(_ADDRESS, address.level, greater)


def _conflicts(
    a: Profile,
    b: Profile,
    names: tuple[Level, Level, Level],
    born: Level,
    identifiers: tuple[Level, Level, Level],
) -> tuple[Conflict, ...]:
    surname, given, patronymic = names
    snils, enp, document = identifiers
    found: list[Conflict] = []
    if snils is _DIFFERS:
        found.append(Conflict.OTHER_SNILS)
    if enp is _DIFFERS:
        found.append(Conflict.OTHER_ENP)
    numbered = snils is _EXACT or enp is _EXACT
    nameless = a.placeholder or b.placeholder or given is Level.INITIAL
    if nameless and not (numbered and born is _EXACT):
        found.append(Conflict.NO_NAME)
    if numbered or document is _EXACT:
        renamed = surname is _DIFFERS or surname is _DIFFERS_WOMAN or patronymic is _DIFFERS
        if born is _DIFFERS and (given is _DIFFERS or given is _MISSING or renamed):
            found.append(Conflict.BORROWED_IDENTIFIER)
        return tuple(found)
    if given is _DIFFERS:
        found.append(Conflict.OTHER_GIVEN_NAME)
    if born is _DIFFERS:
        found.append(Conflict.OTHER_BIRTH_DATE)
    if likeness.years_apart(a, b) >= _GENERATION:
        found.append(Conflict.OTHER_GENERATION)
    return tuple(found)
