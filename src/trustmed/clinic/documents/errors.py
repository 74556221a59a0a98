"""Why a document is refused. Nothing of a refused document is stored."""

from trustmed.errors import Forbidden, InputRefused, NotFound


class DraftMissing(NotFound):
    """No such draft in this organisation."""

    def __init__(self) -> None:
        super().__init__(
            "Такого черновика в вашей организации нет. Откройте его со страницы визита.",
            "There is no such draft in your organisation. Open it from the visit's page.",
        )


class DocumentMissing(NotFound):
    """No such signed document in this organisation."""

    def __init__(self) -> None:
        super().__init__(
            "Такого документа в вашей организации нет. Откройте его со страницы пациента.",
            "There is no such document in your organisation. Open it from the patient's page.",
        )


class NotYourDraft(Forbidden):
    """Only the doctor who writes a draft may change and sign it."""

    def __init__(self) -> None:
        super().__init__(
            "Это черновик другого врача. Изменить и подписать его может только автор.",
            "This is another doctor's draft. Only its author may change or sign it.",
        )


class NotPreviewed(InputRefused):
    """A draft is to be signed before its bytes exist."""

    def __init__(self) -> None:
        super().__init__(
            "Документ ещё не сформирован. Откройте просмотр и подпишите то, что увидите.",
            "The document is not built yet. Open the preview and sign what you see.",
        )


class ChangedSincePreview(InputRefused):
    """The bytes to sign are not those the doctor saw."""

    def __init__(self) -> None:
        super().__init__(
            "Документ изменился после просмотра. Откройте просмотр заново и подпишите.",
            "The document changed since the preview. Open the preview again and sign.",
        )


class BreaksRules(InputRefused):
    """The official rules refuse the document; `findings` are in the rules' own words."""

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__(
            f"Документ не прошёл официальные правила (замечаний: {len(findings)}). Исправьте документ.",
            f"The document breaks official rules (findings: {len(findings)}). Correct the document.",
        )
        self.findings = findings


class OtherDocument(InputRefused):
    """Another document is stored under this id."""

    def __init__(self) -> None:
        super().__init__(
            "Под этим номером уже подписан документ с другим содержимым. Выпустите документ с новым номером.",
            "Another document is signed under this id already. Issue the document with a new id.",
        )


class SignaturesMissing(InputRefused):
    """The signature of the doctor or of the organisation is missing."""

    def __init__(self) -> None:
        super().__init__(
            "Нужны обе подписи: врача и организации, каждая отдельным файлом .p7s.",
            "Both signatures are needed, the doctor's and the organisation's, each a .p7s file of its own.",
        )


class SignatureRepeated(InputRefused):
    """One and the same signature given more than once (the federal registry's SIGNATURE_DUPLICATION)."""

    def __init__(self) -> None:
        super().__init__(
            "Одна и та же подпись приложена дважды. Приложите подпись каждого подписанта один раз.",
            "The same signature is attached twice. Attach each signer's signature once.",
        )


class TooManySignatures(InputRefused):
    """There are more signatures than a document may have."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Подписей больше {most}. Приложите только нужные.", f"More than {most} signatures. Attach fewer."
        )


class EmptyDocument(InputRefused):
    """The document sent has no bytes."""

    def __init__(self) -> None:
        super().__init__(
            "Документ пуст. Проверьте, тот ли файл выбран.", "The document is empty. Check that it is the right file."
        )


class DocumentTooLarge(InputRefused):
    """The document is over the permitted size."""

    def __init__(self, size: int, largest: int) -> None:
        super().__init__(
            f"Документ занимает {size} байт, допускается до {largest}. Уменьшите вложения.",
            f"The document has {size} bytes, at most {largest} are taken. Make its attachments smaller.",
        )


class HeaderDisagrees(InputRefused):
    """The header of an uploaded document does not match the visit it is uploaded to."""

    def __init__(self, ru: str, en: str) -> None:
        super().__init__(
            f"Заголовок документа не подходит: {ru}. Загрузите документ к тому визиту, о котором он.",
            f"The document's header does not fit: {en}. Upload the document to the visit it is about.",
        )
