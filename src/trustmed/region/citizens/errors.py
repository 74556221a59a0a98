"""Refusals that a citizens' portal may get before anything of a person is read."""

from typing import ClassVar

from trustmed.errors import Forbidden, TrustMedError, Unavailable

TOKEN_CHALLENGE = 'DPoP error="invalid_token"'  # noqa: S105 a word of RFC 6750
PROOF_CHALLENGE = 'DPoP error="invalid_dpop_proof"'


class CitizensNotSetUp(Unavailable):
    """The region's file names no provider of citizens' tokens, so nobody can be told to be anybody."""

    def __init__(self) -> None:
        super().__init__(
            "Интерфейс портала закрыт: в region.toml нет таблицы [region.citizens], и проверить, кто гражданин, нечем. "
            "Инженеру региона: docs/portal.md.",
            "The portal's interface is closed: region.toml has no table [region.citizens], so nothing tells who the "
            "citizen is. For the region's engineer: docs/portal.md.",
        )


class ProviderAway(Unavailable):
    """The provider's keys have never been read or are too old, and cannot be read now."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"Ключи поставщика токенов граждан не получены: {cause}. Повторите позже.",
            f"The keys of the provider of citizens' tokens cannot be had: {cause}. Try again later.",
        )


class PortalNotBound(Forbidden):
    """The client has no key or no client_id at the provider, so its tokens cannot be told from stolen ones."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Клиенту «{name}» не заданы ключ портала и client_id. Инженеру региона: trustmed region client key.",
            f"Client {name!r} has no portal key and client_id. For the region's engineer: trustmed region client key.",
        )


class CitizenTokenRefused(TrustMedError):
    """The citizen's token is missing, malformed, or not one the provider gave for this portal."""

    status: ClassVar[int] = 401
    challenge: ClassVar[str] = TOKEN_CHALLENGE

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(f"Токен гражданина не принят: {ru}.", f"The citizen's token is refused: {en}.")


class CitizenTokenExpired(CitizenTokenRefused):
    """The token was good, and is too old now."""

    def __init__(self) -> None:
        super().__init__(
            "его срок вышел; пусть гражданин войдёт на портал заново",
            "it has expired; let the citizen sign in at the portal again",
        )


class LevelTooLow(Forbidden):
    """The citizen is signed in, but nobody has ever checked who they are."""

    def __init__(self) -> None:
        super().__init__(
            "Нужна подтверждённая учётная запись. Подтвердите личность (в МФЦ, через банк или электронной подписью) "
            "и войдите на портал заново.",
            "A confirmed account is needed. Confirm who you are (at an МФЦ, through a bank or by electronic "
            "signature) and sign in at the portal again.",
        )


class ProofRefused(TrustMedError):
    """The proof that the portal itself sends this request (RFC 9449) is missing, malformed or of something else."""

    status: ClassVar[int] = 401
    challenge: ClassVar[str] = PROOF_CHALLENGE

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(
            f"Доказательство портала (заголовок DPoP) не принято: {ru}.",
            f"The portal's proof (header DPoP) is refused: {en}.",
        )


class ProofSpent(ProofRefused):
    """The same proof came before: somebody repeats a request that was overheard."""

    def __init__(self) -> None:
        super().__init__(
            "оно уже использовано; на каждый запрос нужно новое", "it was used already; every request needs a new one"
        )


class CitizenInDoubt(TrustMedError):
    """Cards with the citizen's СНИЛС tell another name or birth date; a steward is asked, and nothing is shown."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "Мы проверяем данные: в картах с вашим СНИЛС другое имя, дата рождения или второй номер. Пока ответа нет, "
            "ничего не показано. Ускорить можно в регистратуре своей поликлиники: с паспортом и СНИЛС.",
            "We are checking the data: cards with your СНИЛС tell another name, birth date or a second number. Until "
            "that is settled nothing is shown. The desk of your clinic can speed it up: take passport and СНИЛС along.",
        )


class CitizenIsAnother(TrustMedError):
    """A steward looked, and said that the cards with the citizen's СНИЛС are somebody else's."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "Карты с вашим СНИЛС принадлежат другому человеку: номер в них записан ошибочно. Обратитесь с паспортом и "
            "СНИЛС в регистратуру своей поликлиники; ничего не показано.",
            "The cards with your СНИЛС are somebody else's: the number was entered by mistake. Go to the desk of your "
            "clinic with passport and СНИЛС; nothing is shown.",
        )
