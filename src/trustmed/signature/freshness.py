"""How old a revocation list may be, and how its age is said."""

from datetime import datetime, timedelta
from typing import Final

from trustmed.signature.certificate import Certificate
from trustmed.signature.errors import RevocationListOld, Whose
from trustmed.signature.model import Policy
from trustmed.signature.revocation import RevocationList

_TWO_DAYS: Final = timedelta(days=2)


def check_age(
    crl: RevocationList, certificate: Certificate, issuer: str, at: datetime, policy: Policy, whose: Whose
) -> None:
    """Raise RevocationListOld if the list may no longer vouch for the certificate."""
    counts_age = not certificate.is_ca or crl.next_update is None
    if counts_age and at - crl.issued_at > policy.oldest_crl:
        ru, en = age_words(at - crl.issued_at)
        limit = policy.oldest_crl.days
        raise RevocationListOld(
            whose,
            f"список отзыва издателя «{issuer}» выпущен {ru} назад ({crl.issued_at:%d.%m.%Y}), "
            f"а допустимо не раньше чем {limit} {plural(limit, 'день', 'дня', 'дней')} назад",
            f"the revocation list of «{issuer}» was issued {en} ago ({crl.issued_at:%Y-%m-%d}), "
            f"at most {limit} days are permitted",
        )
    if policy.require_current_crl and crl.next_update is not None and at > crl.next_update:
        ru, en = age_words(at - crl.issued_at)
        raise RevocationListOld(
            whose,
            f"список отзыва издателя «{issuer}» выпущен {ru} назад и действовал "
            f"до {crl.next_update:%d.%m.%Y %H:%M} UTC",
            f"the revocation list of «{issuer}» was issued {en} ago and was good "
            f"until {crl.next_update:%Y-%m-%d %H:%M} UTC",
        )


def age_words(age: timedelta) -> tuple[str, str]:
    """Return an age in Russian and English: in days from two days on, in hours before."""
    if age >= _TWO_DAYS:
        return f"{age.days} {plural(age.days, 'день', 'дня', 'дней')}", f"{age.days} days"
    hours = max(0, int(age.total_seconds()) // 3600)
    return f"{hours} {plural(hours, 'час', 'часа', 'часов')}", f"{hours} hour{'s' * (hours != 1)}"


def plural(number: int, one: str, few: str, many: str) -> str:
    """Return the Russian form of a noun after a number."""
    if number % 10 == 1 and number % 100 != 11:
        return one
    return few if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else many
