"""Describe accesses in plain words of the request's language."""

from trustmed.audit.actions import words_for_citizen
from trustmed.region.disclosures.model import Look
from trustmed.web.i18n import by_language
from trustmed.web.i18n import gettext as _


def action_words(action: str) -> str:
    """Return what was done."""
    return by_language(*words_for_citizen(action))


def ground_words(look: Look) -> str:
    """Return the ground of an access."""
    if look.is_own:
        account = (look.detail or "").removeprefix("sub ")
        if account:
            return _("вы сами, через портал (учётная запись %(account)s)") % {"account": account}
        return _("вы сами, через портал")
    return {
        "own": _("собственный доступ"),
        "treatment": _("лечение"),
        "consent": _("ваше согласие"),
        "break_glass": _("экстренный доступ"),
        "service": _("служебная работа"),
    }[look.ground]
