"""Name fields, links and decisions in the request's language."""

from collections.abc import Sequence

import msgspec

from trustmed.matching.decide import Reason, Verdict
from trustmed.matching.explain import Explanation, words
from trustmed.matching.vocabulary import Comparison
from trustmed.region.persons.golden import Source
from trustmed.region.steward.model import Decision, Review
from trustmed.web import i18n
from trustmed.web.i18n import gettext as _

NOBODY = Verdict("separate", None, (), None, (Reason.NOBODY,))


def link_reason(source: Source, history: Sequence[Decision]) -> str:
    """Return why a row stands for the person. A steward's own words are not translated."""
    russian = words(NOBODY, "ru").line
    if i18n.current.get() == "ru" or source.decision == "manual":
        return source.reason
    if source.reason == russian:
        return words(NOBODY, "en").line
    latest = next((one for one in history if one.patient == source.key and one.explanation), None)
    return words(comparison, "en").line if latest and (comparison := comparison_of(latest)) else source.reason


def comparison_of(decision: Decision | Review) -> Comparison | None:
    return msgspec.convert(decision.explanation, Comparison) if decision.explanation else None


def explained(decision: Decision | Review) -> Explanation | None:
    """Explain, field by field, the comparison that a decision or a question rests on."""
    comparison = comparison_of(decision)
    return words(comparison, i18n.current.get()) if comparison else None


def field_words() -> dict[str, str]:
    return {
        "surname": _("Фамилия"),
        "given_name": _("Имя"),
        "patronymic": _("Отчество"),
        "birth_date": _("Дата рождения"),
        "sex": _("Пол"),
        "snils": _("СНИЛС"),
        "enp": _("ЕНП"),
        "identity_kind": _("Вид документа"),
        "identity_series": _("Серия документа"),
        "identity_number": _("Номер документа"),
        "phone": _("Телефон"),
        "address": _("Адрес"),
    }


def rule_words() -> dict[str, str]:
    """Return by what rule the value of a field was chosen."""
    return {
        "pin": _("закреплено"),
        "only": _("у всех одинаково"),
        "most": _("у большинства"),
        "newest": _("самое новое"),
    }


def decision_words() -> dict[str, str]:
    return {
        "linked": _("запись связана с человеком"),
        "moved": _("запись отнесена к другому человеку"),
        "parted": _("запись отделена"),
        "asked": _("задан вопрос стюарду"),
        "merged": _("объединение"),
        "split": _("разделение"),
        "undone": _("решение отменено"),
        "kept_apart": _("признаны разными"),
        "let_together": _("снова могут быть одним"),
        "pinned": _("значение закреплено"),
        "unpinned": _("закрепление снято"),
    }


def act_words() -> dict[str, str]:
    return {"merge": _("Объединение"), "split": _("Разделение"), "not_same": _("Разные люди")}
