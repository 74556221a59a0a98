"""Why the region's authority does not issue or revoke a certificate."""

from pathlib import Path

from trustmed.errors import Broken, Forbidden, InputRefused, NotFound, TrustMedError, Unavailable


class AuthorityMissing(Unavailable):
    """This machine has no root key."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"На этой машине нет ключа удостоверяющего центра региона ({folder}). Инженер: trustmed authority init.",
            f"This machine has no key of the region's authority ({folder}). The engineer: trustmed authority init.",
        )


class AuthorityLocked(Unavailable):
    """The root key needs a passphrase, and none or a wrong one is given."""

    def __init__(self) -> None:
        super().__init__(
            "Ключ удостоверяющего центра закрыт паролем. Инженер выпускает сертификат командой: trustmed authority "
            "sign-request, или кладёт пароль в секрет authority.passphrase.",
            "The authority's key is locked by a passphrase. The engineer issues by command: trustmed authority "
            "sign-request, or puts the passphrase into the secret authority.passphrase.",
        )


class AuthorityExists(InputRefused):
    """There is an authority already; another one would make all certificates worthless."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Удостоверяющий центр уже есть в {folder}. Ничего не изменено.",
            f"There is an authority in {folder} already. Nothing was changed.",
        )


class RootExpired(Broken):
    """The root certificate is over: nothing can be issued by it."""

    def __init__(self, day: str) -> None:
        super().__init__(
            f"Корневой сертификат региона закончился {day}: выпускать им нельзя. Переместите его папку, создайте новый "
            "(trustmed authority init) и выдайте всем коды.",
            f"The region's root certificate expired on {day}: it cannot issue. Move its folder away, make a new one "
            "(trustmed authority init) and give everybody a code.",
        )


class CodeRefused(Forbidden):
    """There is no such code, or the request is not signed by it."""

    def __init__(self) -> None:
        super().__init__(
            "Код не подходит. Проверьте его или получите новый у инженера региона (trustmed authority enrol-code).",
            "The code does not fit. Check it or obtain another from the region's engineer "
            "(trustmed authority enrol-code).",
        )


class CodeExpired(Forbidden):
    """The code's time is over."""

    def __init__(self) -> None:
        super().__init__(
            "Срок действия кода закончился. Получите новый у инженера региона (trustmed authority enrol-code).",
            "The code has expired. Obtain another from the region's engineer (trustmed authority enrol-code).",
        )


class CodeUsed(Forbidden):
    """A certificate for another key was issued by this code."""

    def __init__(self) -> None:
        super().__init__(
            "Код уже использован, и не этим ключом. Если это были не вы, сообщите инженеру региона: он отзовёт "
            "сертификат.",
            "The code was used already, and not for this key. If it was not you, tell the region's engineer, who will "
            "revoke the certificate.",
        )


class KeyKnown(InputRefused):
    """The key has a certificate already; a key is certified once."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"Для этого ключа уже выпущен сертификат «{label}». Создайте новый ключ и запрос.",
            f"This key has a certificate already, of {label!r}. Make a new key and request.",
        )


class BearerUnknown(InputRefused):
    """The name cannot be certified: its form is wrong, or the topology has no such site or organisation."""

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(f"Сертификат не выпущен: {ru}.", f"No certificate was issued: {en}.")


class CertificateMissing(NotFound):
    """The authority has not issued a certificate of this number."""

    def __init__(self, serial: str) -> None:
        super().__init__(
            f"Сертификата № {serial} удостоверяющий центр не выпускал. Номера: trustmed authority list.",
            f"The authority has not issued certificate No. {serial}. Numbers: trustmed authority list.",
        )


class TooManyRequests(TrustMedError):
    """Too many requests for certificates come from one address."""

    status = 429

    def __init__(self, wait: float) -> None:
        super().__init__(
            "Слишком много запросов на сертификаты с этого адреса. Повторите через минуту.",
            "Too many certificate requests from this address. Try again in a minute.",
        )
        self.retry_after_seconds = max(1, round(wait))
