"""An error for each reason to refuse a signature; the text says whose signature, what is wrong and what to do."""

from typing import ClassVar

import msgspec

from trustmed.errors import InputRefused, Unavailable

_ROLES = {
    "doctor": ("Подпись врача", "The doctor's signature"),
    "organization": ("Подпись организации", "The organisation's signature"),
}


class Whose(msgspec.Struct, frozen=True):
    """The signature an error is about: its role and, once read, the certificate it was made with."""

    role: str
    name: str | None = None
    serial: str | None = None

    def text(self) -> tuple[str, str]:
        ru, en = _ROLES[self.role]
        if self.serial is None:
            return ru, en
        return f"{ru} ({self.name}, сертификат № {self.serial})", f"{en} ({self.name}, certificate No. {self.serial})"


class SignatureRefused(InputRefused):
    """The signature was not accepted. Nothing was stored."""

    advice: ClassVar[tuple[str, str]] = ("", "")

    def __init__(self, whose: Whose, ru: str, en: str) -> None:
        who_ru, who_en = whose.text()
        advice_ru, advice_en = self.advice
        super().__init__(f"{who_ru}: {ru}. {advice_ru}.", f"{who_en}: {en}. {advice_en}.")
        self.whose = whose


_AGAIN = ("Подпишите этот же документ заново", "Sign the same document again")
_DETACHED = (
    "Создайте отсоединённую подпись CMS в кодировке DER (файл .p7s), по одному файлу на подписанта",
    "Make a detached CMS signature encoded as DER (a .p7s file), one file per signer",
)
_OTHER_CERTIFICATE = (
    "Подпишите действующим сертификатом или получите новый в удостоверяющем центре",
    "Sign with a valid certificate or obtain a new one from the certification authority",
)
_BES = (
    "Включите в средстве подписи формат CAdES-BES и подпишите заново",
    "Switch the signing tool to CAdES-BES and sign again",
)


class EmptyContent(SignatureRefused):
    advice = (
        "Проверьте, что документ сформирован и выбран нужный файл",
        "Check that the document was built and the right file chosen",
    )


class NotASignature(SignatureRefused):
    advice = _DETACHED


class SignatureTooLarge(SignatureRefused):
    advice = _DETACHED


class NotDetached(SignatureRefused):
    advice = _DETACHED


class NoSigner(SignatureRefused):
    advice = _DETACHED


class SeveralSigners(SignatureRefused):
    advice = _DETACHED


class NoCertificate(SignatureRefused):
    advice = (
        "Включите в средстве подписи вложение сертификата подписанта и подпишите заново",
        "Let the signing tool include the signer's certificate and sign again",
    )


class MissingSignedAttributes(SignatureRefused):
    advice = _BES


class MissingSigningCertificateAttribute(SignatureRefused):
    advice = _BES


class SigningCertificateMismatch(SignatureRefused):
    advice = _AGAIN


class Tampered(SignatureRefused):
    advice = (
        "Проверьте, что подпись сделана именно для этих байтов документа, и подпишите заново",
        "Check that the signature was made for exactly these bytes of the document, and sign again",
    )


class UnsupportedAlgorithm(SignatureRefused):
    advice = (
        "Нужны ГОСТ Р 34.10-2012, ECDSA (P-256, P-384, P-521) или RSA от 2048 бит с хешем ГОСТ Р 34.11-2012 или SHA-2",
        "Use GOST R 34.10-2012, ECDSA (P-256, P-384, P-521) or RSA of 2048 bits and more, with Streebog or SHA-2",
    )


class AlgorithmMismatch(SignatureRefused):
    advice = _AGAIN


class GostUnavailable(SignatureRefused):
    advice = (
        "Администратору: установите на сервере пакет libengine-gost-openssl (Debian: apt-get install "
        "libengine-gost-openssl) и перезапустите службу",
        "For the administrator: install the package libengine-gost-openssl on the server (Debian: apt-get install "
        "libengine-gost-openssl) and restart the service",
    )


class UntrustedIssuer(SignatureRefused):
    advice = (
        "Проверьте, кем выдан сертификат; если издателю следует доверять, администратор добавляет его сертификат "
        "в папку доверенных",
        "Check who issued the certificate; if the issuer is to be trusted, the administrator adds its certificate "
        "to the trust folder",
    )


class CertificateExpired(SignatureRefused):
    advice = _OTHER_CERTIFICATE


class CertificateNotYetValid(SignatureRefused):
    advice = (
        "Дождитесь начала срока действия или проверьте часы сервера",
        "Wait until the certificate starts to be valid, or check the server's clock",
    )


class CertificateRevoked(SignatureRefused):
    advice = _OTHER_CERTIFICATE


class CertificateNotUnderstood(SignatureRefused):
    advice = _OTHER_CERTIFICATE


class RevocationUnknown(SignatureRefused):
    advice = (
        "Администратору: положите список отзыва (CRL) этого издателя в папку доверенных",
        "For the administrator: put this issuer's certificate revocation list (CRL) into the trust folder",
    )


class RevocationListOld(SignatureRefused):
    advice = (
        "Администратору: обновите списки отзыва командой trustmed trust refresh или положите новый список в папку "
        "доверенных",
        "For the administrator: renew the lists by trustmed trust refresh, or put a new list into the trust folder",
    )


class WrongKeyUsage(SignatureRefused):
    advice = (
        "Подпишите сертификатом, предназначенным для электронной подписи",
        "Sign with a certificate meant for electronic signatures",
    )


class WrongPerson(SignatureRefused):
    advice = (
        "Документ подписывает своим сертификатом тот врач, который его составил",
        "The doctor who wrote the document signs it with the doctor's own certificate",
    )


class WrongOrganization(SignatureRefused):
    advice = (
        "Документ подписывается сертификатом той организации, от имени которой он выдан",
        "The document is signed with the certificate of the organisation that issues it",
    )


class WrongSigningTime(SignatureRefused):
    advice = (
        "Проверьте часы на рабочем месте подписанта и подпишите заново",
        "Check the clock of the signer's computer and sign again",
    )


class GostEngineMissing(Unavailable):
    """This machine cannot do GOST, and was to make a key, sign or check a certificate with it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"ГОСТ Р 34.10-2012 недоступен на этой машине: {reason}. {GostUnavailable.advice[0]}.",
            f"GOST R 34.10-2012 is not available on this machine: {reason}. {GostUnavailable.advice[1]}.",
        )
        self.reason = reason


class KeyRefused(InputRefused):
    """The file of a private key or certificate cannot be used for signing."""
