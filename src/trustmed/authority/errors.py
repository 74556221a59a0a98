"""Why a certificate of a site, program, portal or gateway is not accepted, or one's own cannot be used."""

from pathlib import Path

from trustmed.errors import Broken, Forbidden, InputRefused


class PeerRefused(Forbidden):
    """The certificate does not prove who its bearer is."""


class PeerDamaged(PeerRefused):
    """A certificate cannot be read."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"Сертификат не читается: {cause}. Нужен X.509 в виде PEM или DER.",
            f"The certificate cannot be read: {cause}. X.509 as PEM or DER is needed.",
        )


class PeerUntrusted(PeerRefused):
    """No chain leads from the certificate to a root that is trusted here."""

    def __init__(self, name: str, issuer: str) -> None:
        super().__init__(
            f"Сертификат «{name}» выдан не удостоверяющим центром региона (издатель «{issuer}»). Получите сертификат: "
            "trustmed authority enrol.",
            f"The certificate {name!r} is not from the region's authority (issuer {issuer!r}). Obtain one: "
            "trustmed authority enrol.",
        )


class PeerExpired(PeerRefused):
    """The certificate, or one above it, is past its end."""

    def __init__(self, name: str, day: str) -> None:
        super().__init__(
            f"Срок действия сертификата «{name}» закончился {day}. Получите новый: код выдаёт инженер региона "
            "(trustmed authority enrol-code).",
            f"The certificate {name!r} expired on {day}. Obtain a new one: the region's engineer gives the code "
            "(trustmed authority enrol-code).",
        )


class PeerNotYetValid(PeerRefused):
    """The certificate's time has not begun."""

    def __init__(self, name: str, day: str) -> None:
        super().__init__(
            f"Сертификат «{name}» начнёт действовать только {day}. Проверьте часы обеих машин.",
            f"The certificate {name!r} becomes valid only on {day}. Check the clocks of both machines.",
        )


class PeerRevoked(PeerRefused):
    """The authority has revoked the certificate."""

    def __init__(self, name: str, day: str) -> None:
        super().__init__(
            f"Сертификат «{name}» отозван {day}. Причину знает инженер региона; новый выдаётся по новому коду.",
            f"The certificate {name!r} was revoked on {day}. The region's engineer knows why; a new one needs a new "
            "code.",
        )


class PeerRevocationUnknown(PeerRefused):
    """There is no revocation list of the issuer, or it is too old."""

    def __init__(self, issuer: str, folder: Path, ended: str | None) -> None:
        ru = f"список отзыва «{issuer}» устарел {ended}" if ended else f"нет списка отзыва «{issuer}»"
        en = f"the revocation list of {issuer!r} was over on {ended}" if ended else f"no revocation list of {issuer!r}"
        super().__init__(
            f"Нельзя проверить, не отозван ли сертификат: {ru}. Обновите список в {folder} (trustmed authority crl).",
            f"Revocation cannot be checked: {en}. Renew the list in {folder} (trustmed authority crl).",
        )


class PeerWrongUsage(PeerRefused):
    """The certificate is meant for something else."""

    def __init__(self, name: str, wanted: str) -> None:
        super().__init__(
            f"Сертификат «{name}» не предназначен для этого ({wanted}). Получите сертификат с нужным назначением.",
            f"The certificate {name!r} is not meant for this ({wanted}). Obtain one for this purpose.",
        )


class PeerNameless(PeerRefused):
    """The certificate does not say, in the region's way, whose it is."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"В сертификате «{name}» нет имени участника региона: нужно ровно одно имя вида urn:trustmed:site:NAME. "
            "Требования: docs/authority.md.",
            f"The certificate {name!r} has no name of a participant: exactly one such as urn:trustmed:site:NAME is "
            "needed. The requirements: docs/authority.md.",
        )


class SignatureWrong(PeerRefused):
    """The bytes were not signed by the certificate's key."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Подпись не сделана ключом «{name}», или подписанное изменено.",
            f"The signature was not made by the key of {name!r}, or what it signs was changed.",
        )


class RequestDamaged(InputRefused):
    """A certificate request is not one, or its key is not the requester's."""

    def __init__(self, cause_ru: str, cause_en: str) -> None:
        super().__init__(
            f"Запрос на сертификат не принят: {cause_ru}. Создайте его заново: trustmed authority enrol.",
            f"The certificate request is not accepted: {cause_en}. Make it anew: trustmed authority enrol.",
        )


class IdentityMissing(Broken):
    """This program has no certificate of its own."""

    def __init__(self, name: str, file: Path) -> None:
        super().__init__(
            f"У «{name}» нет сертификата ({file}). Получите его: trustmed authority enrol --code КОД.",
            f"{name!r} has no certificate ({file}). Obtain it: trustmed authority enrol --code CODE.",
        )


class IdentityBroken(Broken):
    """One's own key and certificate cannot be used."""

    def __init__(self, name: str, cause_ru: str, cause_en: str) -> None:
        super().__init__(
            f"Ключ или сертификат «{name}» негоден: {cause_ru}. Верните файлы из копии или получите новый сертификат.",
            f"The key or certificate of {name!r} is unfit: {cause_en}. Restore the files or obtain a new certificate.",
        )


class TrustMissing(Broken):
    """Whom to believe is not known: the folder of roots is empty or cannot be read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Нет корневого сертификата региона в {folder}. В регионе: trustmed authority init; на площадке он "
            "приходит при trustmed authority enrol.",
            f"There is no root certificate of the region in {folder}. At the region: trustmed authority init; at a "
            "site it comes by trustmed authority enrol.",
        )
