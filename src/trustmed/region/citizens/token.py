"""The citizen's token: an ID token of OpenID Connect, given by the region's provider to this very portal."""

import datetime as dt
import math
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

import msgspec

from trustmed.patient.snils import SnilsRefused, normalise_snils
from trustmed.patient.writing import tidy
from trustmed.region.citizens.compact import Compact, NotCompact, is_signed, parse_compact
from trustmed.region.citizens.errors import CitizenTokenExpired, CitizenTokenRefused, LevelTooLow
from trustmed.region.citizens.keys import ProviderKeys
from trustmed.topology.file.citizens import Citizens

HEADER: Final = "X-Citizen-Token"
REMEMBERED_SECONDS: Final = 30.0
"""How long a token that was verified is believed again by its hash: a key withdrawn meanwhile counts until then."""
MOST_REMEMBERED: Final = 5000
LONGEST_SUB: Final = 255  # characters, the limit of OpenID Connect
LONGEST_NAME: Final = 200


class Citizen(msgspec.Struct, frozen=True):
    """Who signed in at the provider. `sub`: the provider's id of the account; `key`: the token's own bound key."""

    sub: str
    level: str
    snils: str
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: dt.date
    key: str | None
    until: float


class Tokens:
    """Verifies citizens' tokens, and remembers those it verified for seconds."""

    def __init__(self, citizens: Citizens, keys: ProviderKeys, clock: Callable[[], float] = time.time) -> None:
        self._citizens = citizens
        self._keys = keys
        self._clock = clock
        self._known: dict[tuple[bytes, str], tuple[float, Citizen]] = {}

    async def verify(self, text: str | None, audience: str) -> Citizen:
        """Return the citizen, if the provider gave the token to the portal with this client_id.

        Raises CitizenTokenRefused, CitizenTokenExpired, LevelTooLow, ProviderAway.
        """
        if not text:
            raise CitizenTokenRefused(f"нет заголовка {HEADER}", f"there is no header {HEADER}")
        now = self._clock()
        name = (sha256(text.encode("utf-8", "surrogatepass")).digest(), audience)
        remembered_until, citizen = self._known.get(name, (0.0, None))
        if citizen is None or now > remembered_until:
            citizen = await self._read(text, audience, now)
            self._remember(name, min(now + REMEMBERED_SECONDS, citizen.until), citizen, now)
        return citizen

    async def _read(self, text: str, audience: str, now: float) -> Citizen:
        try:
            token = parse_compact(text, ("jwt", None), self._citizens.algorithms)
        except NotCompact as error:
            raise CitizenTokenRefused(*error.args) from error
        kid = token.header.get("kid")
        if not (kid is None or isinstance(kid, str)):
            raise CitizenTokenRefused("kid не строка", "kid is no string")
        if token.header.get("sbt", "id") != "id":  # ЕСИА names here which of its tokens it is
            raise CitizenTokenRefused("это не id_token", "it is no id_token")
        keys = await self._keys.find(token.algorithm, kid)
        if not any(is_signed(token, one.key) for one in keys):
            raise CitizenTokenRefused("подпись не поставщика", "it is not signed by the provider")
        self._check_addressee(token.claims, audience)
        until = self._check_times(token.claims, now)
        return self._citizen(token, until)

    def _check_addressee(self, claims: dict[str, Any], audience: str) -> None:
        if claims.get("iss") != self._citizens.issuer:
            raise CitizenTokenRefused("другой поставщик (iss)", "it is another provider's (iss)")
        told = claims.get("aud")
        named = told if isinstance(told, list) else [told]
        presenter = claims.get("azp", audience if len(named) == 1 else None)
        if audience not in named or presenter != audience:
            raise CitizenTokenRefused("выдан не этому порталу (aud)", "it was given to another portal (aud)")

    def _check_times(self, claims: dict[str, Any], now: float) -> float:
        """Return until when the token may be used. Raises CitizenTokenRefused, CitizenTokenExpired."""
        leeway = self._citizens.leeway_seconds
        issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
        begins = _moment(claims, "nbf") if "nbf" in claims else issued
        if max(issued, begins) > now + leeway:
            raise CitizenTokenRefused(
                "он из будущего (iat, nbf); проверьте часы", "it is of the future (iat, nbf); check the clocks"
            )
        until = min(expires, issued + self._citizens.longest_age_seconds) + leeway
        if now >= until:
            raise CitizenTokenExpired
        return until

    def _citizen(self, token: Compact, until: float) -> Citizen:
        claims, names = token.claims, self._citizens.claims
        sub = _text(claims, "sub", LONGEST_SUB)
        if not sub.isprintable():
            raise CitizenTokenRefused("утверждение sub неверно", "claim sub is wrong")
        level = _claim(claims, names.level)
        if not isinstance(level, str) or level not in self._citizens.levels:
            raise LevelTooLow
        bound = claims.get("cnf")
        key = bound.get("jkt") if isinstance(bound, dict) else None
        if "cnf" in claims and not isinstance(key, str):
            raise CitizenTokenRefused("привязан не к ключу DPoP (cnf)", "it is bound to no key of DPoP (cnf)")
        return Citizen(
            sub=sub,
            level=level,
            snils=_snils(claims, names.snils),
            surname=_text(claims, names.surname),
            given_name=_text(claims, names.given_name),
            patronymic=_text(claims, names.patronymic) if _claim(claims, names.patronymic) else None,
            birth_date=_date(claims, names.birth_date),
            key=key,
            until=until,
        )

    def _remember(self, name: tuple[bytes, str], until: float, citizen: Citizen, now: float) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known = {known: one for known, one in self._known.items() if one[0] > now}
        if len(self._known) < MOST_REMEMBERED:
            self._known[name] = (until, citizen)


def _claim(claims: dict[str, Any], path: str) -> Any:
    """Return the claim at a path; None if there is none."""
    found: Any = claims
    for name in path.split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(claims: dict[str, Any], path: str, longest: int = LONGEST_NAME) -> str:
    """Return a claim that is a text, in one line. Raises CitizenTokenRefused."""
    found = _claim(claims, path)
    text = tidy(found[: longest + 1]) if isinstance(found, str) else ""
    if not text or len(text) > longest:
        raise CitizenTokenRefused(f"нет утверждения {path} или оно неверно", f"claim {path} is missing or wrong")
    return text


def _snils(claims: dict[str, Any], path: str) -> str:
    try:
        return normalise_snils(_text(claims, path))
    except SnilsRefused as error:
        raise CitizenTokenRefused(f"утверждение {path} не СНИЛС", f"claim {path} is no СНИЛС") from error


def _date(claims: dict[str, Any], path: str) -> dt.date:
    """Return a date written as 1980-05-05 (OpenID Connect) or 05.05.1980 (ЕСИА). Raises CitizenTokenRefused."""
    text = _text(claims, path)
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 a date has no zone
        except ValueError:
            continue
    raise CitizenTokenRefused(f"утверждение {path} не дата", f"claim {path} is no date")


def _moment(claims: dict[str, Any], name: str) -> float:
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise CitizenTokenRefused(f"нет утверждения {name} или оно неверно", f"claim {name} is missing or wrong")
    return float(found)
