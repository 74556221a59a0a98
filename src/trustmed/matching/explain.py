"""Put a verdict or a comparison into words, field by field and in one line."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from trustmed.matching.decide import Reason, Verdict
from trustmed.matching.vocabulary import Comparison, Conflict, Field, FieldScore, Level

Language = Literal["ru", "en"]
_Words = tuple[str, str]  # Russian, English

_FIELDS: Final[dict[Field, _Words]] = {
    Field.SURNAME: ("Фамилия", "Surname"),
    Field.GIVEN_NAME: ("Имя", "Given name"),
    Field.PATRONYMIC: ("Отчество", "Patronymic"),
    Field.BIRTH_DATE: ("Дата рождения", "Birth date"),
    Field.SEX: ("Пол", "Sex"),
    Field.SNILS: ("СНИЛС", "SNILS"),
    Field.ENP: ("ЕНП", "Policy number"),
    Field.DOCUMENT: ("Документ", "Document"),
    Field.PHONE: ("Телефон", "Phone"),
    Field.ADDRESS: ("Адрес", "Address"),
}
_BY: Final[dict[Field, _Words]] = {
    Field.SURNAME: ("фамилии", "surname"),
    Field.GIVEN_NAME: ("имени", "given name"),
    Field.PATRONYMIC: ("отчеству", "patronymic"),
    Field.BIRTH_DATE: ("дате рождения", "birth date"),
    Field.SEX: ("полу", "sex"),
    Field.SNILS: ("СНИЛС", "SNILS"),
    Field.ENP: ("ЕНП", "policy number"),
    Field.DOCUMENT: ("документу", "document"),
    Field.PHONE: ("телефону", "phone"),
    Field.ADDRESS: ("адресу", "address"),
}
_UNLIKE: Final[dict[Field, _Words]] = {
    Field.SURNAME: ("фамилия другая", "the surname differs"),
    Field.GIVEN_NAME: ("имя другое", "the given name differs"),
    Field.PATRONYMIC: ("отчество другое", "the patronymic differs"),
    Field.BIRTH_DATE: ("дата рождения другая", "the birth date differs"),
    Field.SEX: ("пол другой", "the sex differs"),
    Field.SNILS: ("СНИЛС другой", "the SNILS differs"),
    Field.ENP: ("ЕНП другой", "the policy number differs"),
    Field.DOCUMENT: ("документ другой", "the document differs"),
    Field.PHONE: ("телефон другой", "the phone differs"),
    Field.ADDRESS: ("адрес другой", "the address differs"),
}
_LEVELS: Final[dict[Level, _Words]] = {
    Level.EXACT: ("совпадает", "the same"),
    Level.VARIANT: ("другая форма того же имени", "another form of the same name"),
    Level.ALIKE: ("почти совпадает", "almost the same"),
    Level.NEAR: ("похоже", "similar"),
    Level.PART: ("совпадает частично", "partly the same"),
    Level.INITIAL: ("совпадает первая буква", "the same initial"),
    Level.SWAPPED: ("переставлено местами", "in each other's place"),
    Level.SLIP: ("отличается одной цифрой", "one digit differs"),
    Level.ROUND: ("совпадает год, день условный", "the same year, the day is nominal"),
    Level.DIFFERS: ("различается", "differs"),
    Level.DIFFERS_WOMAN: ("различается, возможна смена фамилии", "differs, may have changed by marriage"),
    Level.MISSING: ("не указано", "not given"),
    Level.SHARED: ("есть у многих, не учтено", "many have it, not counted"),
}
_CONFLICTS: Final[dict[Conflict, _Words]] = {
    Conflict.OTHER_SNILS: ("у человека другой действительный СНИЛС", "the person has another valid SNILS"),
    Conflict.OTHER_ENP: ("у человека другой действительный ЕНП", "the person has another valid policy number"),
    Conflict.OTHER_GIVEN_NAME: (
        "имя другое, а общего номера нет: возможны близнецы, братья или сёстры",
        "the given name differs and no number agrees: may be twins or siblings",
    ),
    Conflict.OTHER_BIRTH_DATE: (
        "дата рождения другая, а общего номера нет: возможны однофамильцы",
        "the birth date differs and no number agrees: may be namesakes",
    ),
    Conflict.OTHER_GENERATION: ("возможны родитель и ребёнок с одним именем", "may be parent and child of one name"),
    Conflict.BORROWED_IDENTIFIER: (
        "номер тот же, а имя и дата рождения другие: возможно, чужой номер",
        "the number is the same, name and birth date are not: may be somebody else's number",
    ),
    Conflict.NO_NAME: ("вместо имени условная запись", "a placeholder stands for the name"),
}
_REASONS: Final[dict[Reason, _Words]] = {
    Reason.CERTAIN: ("связано", "linked"),
    Reason.WEAK: ("сходства недостаточно", "not alike enough"),
    Reason.CONFLICT: ("нужна проверка", "needs a check"),
    Reason.CLOSE: ("почти так же похож другой человек", "another person is nearly as alike"),
    Reason.NOBODY: ("отдельный человек: похожих нет", "a separate person: nobody alike"),
}
_AGREED: Final = frozenset({Level.EXACT, Level.VARIANT, Level.ALIKE, Level.SWAPPED})
_PARTED: Final = frozenset({Level.DIFFERS, Level.DIFFERS_WOMAN})
_SAID_BY: Final = {
    Field.GIVEN_NAME: Conflict.OTHER_GIVEN_NAME,
    Field.BIRTH_DATE: Conflict.OTHER_BIRTH_DATE,
    Field.SNILS: Conflict.OTHER_SNILS,
    Field.ENP: Conflict.OTHER_ENP,
}
"""Conflicts whose words already name the field that differs, so that it is not named twice."""
_TELLING: Final = (Field.SNILS, Field.ENP, Field.DOCUMENT)


class Row(msgspec.Struct, frozen=True):
    """A field in words. `weight` is in bits: above zero it speaks for one person, below zero against."""

    field: Field
    title: str
    level: str
    weight: float


class Explanation(msgspec.Struct, frozen=True):
    """`line` gives the reasons in one line; `rows` compare with the best candidate, none if there is no candidate."""

    line: str
    rows: tuple[Row, ...]


def words(of: Verdict | Comparison, language: Language) -> Explanation:
    """Explain a verdict or a comparison in Russian or English."""
    if isinstance(of, Comparison):
        return Explanation(_line(of, of.conflicts, (), language), _rows(of, language))
    if not of.best:
        return Explanation(_pick(_REASONS[Reason.NOBODY], language), ())
    best = of.best[0]
    reasons = [one for one in of.reasons if one is not Reason.CERTAIN]
    return Explanation(_line(best.comparison, best.conflicts, reasons, language), _rows(best.comparison, language))


def _rows(comparison: Comparison, language: Language) -> tuple[Row, ...]:
    return tuple(
        Row(one.field, _pick(_FIELDS[one.field], language), _pick(_LEVELS[one.level], language), one.weight)
        for one in comparison.fields
    )


def _line(comparison: Comparison, conflicts: Iterable[Conflict], reasons: Iterable[Reason], language: Language) -> str:
    conflicts = list(conflicts)
    agreed = [_pick(_BY[one.field], language) for one in _agreeing(comparison.fields)]
    unlike = [
        _pick(_UNLIKE[one.field], language)
        for one in comparison.fields
        if one.level in _PARTED and one.field not in (Field.PHONE, Field.ADDRESS, Field.DOCUMENT)
        if _SAID_BY.get(one.field) not in conflicts
    ]
    first = f"{_pick(('по', 'by'), language)} {_listed(agreed, language)}" if agreed else ""
    parts = [first, *unlike, *(_pick(_CONFLICTS[one], language) for one in conflicts)]
    parts += [_pick(_REASONS[one], language) for one in reasons]
    return "; ".join(filter(None, parts))


def _agreeing(fields: Iterable[FieldScore]) -> list[FieldScore]:
    """Return the fields that agree, numbers first; sex proves too little to be named."""
    agreed = [one for one in fields if one.level in _AGREED and one.field is not Field.SEX]
    return sorted(agreed, key=lambda one: _TELLING.index(one.field) if one.field in _TELLING else len(_TELLING))


def _listed(parts: list[str], language: Language) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} {_pick(('и', 'and'), language)} {parts[-1]}"


def _pick(words: _Words, language: Language) -> str:
    return words[1] if language == "en" else words[0]
