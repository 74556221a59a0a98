"""Why an edit is refused. A refused edit changes nothing."""

from trustmed.errors import InputRefused, NotFound


class DraftUnknown(NotFound):
    """The region has no draft of this dictionary."""

    def __init__(self, oid: str) -> None:
        super().__init__(
            f"Черновика справочника {oid[:100]} нет: здесь правят только собственные справочники региона.",
            f"There is no draft of dictionary {oid[:100]}: only the region's own dictionaries are edited here.",
        )


class RowUnknown(NotFound):
    """The draft has no such row."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Записи с кодом «{key[:100]}» в черновике нет. Возможно, её удалили; обновите список.",
            f"The draft has no row with code {key[:100]!r}. It may have been removed; load the list again.",
        )


class EditRefused(InputRefused):
    """A field cannot be accepted as it is; `field` is its name on the form."""

    def __init__(self, field: str, ru: str, en: str) -> None:
        super().__init__(ru, en)
        self.field = field


class OidTaken(EditRefused):
    """Another dictionary, perhaps a federal one, has this OID."""

    def __init__(self, oid: str) -> None:
        super().__init__(
            "oid",
            f"OID {oid} уже занят другим справочником. Федеральные справочники не правят; выберите другой OID.",
            f"OID {oid} is another dictionary's. Federal dictionaries are not edited; choose another OID.",
        )


class OidWrong(EditRefused):
    """The text is not an OID."""

    def __init__(self, oid: str) -> None:
        super().__init__(
            "oid",
            f"«{oid[:60]}» не OID: нужны числа через точку, первое от 0 до 2, без ведущих нулей.",
            f"{oid[:60]!r} is no OID: numbers between dots are needed, the first from 0 to 2, without leading zeros.",
        )


class FieldEmpty(EditRefused):
    """A required field is empty."""

    def __init__(self, field: str, title: str) -> None:
        super().__init__(field, f"Заполните поле «{title}».", f"Fill in “{title}”.")


class FieldTooLong(EditRefused):
    """The value is longer than the field allows."""

    def __init__(self, field: str, title: str, most: int) -> None:
        super().__init__(
            field,
            f"Поле «{title}» длиннее {most} символов. Сократите его.",
            f"“{title}” is longer than {most} characters. Shorten it.",
        )


class ColumnsWrong(EditRefused):
    """A line of the list of columns cannot be read."""

    def __init__(self, line: str) -> None:
        super().__init__(
            "columns",
            f"Столбец «{line[:60]}» записан неверно: нужно имя латиницей и заголовок через пробел, без повторов "
            "и не CODE, NAME, PARENT, например: ADDRESS Адрес.",
            f"Column {line[:60]!r} is not well written: a Latin name and a title after a space are needed, each once "
            "and not CODE, NAME, PARENT, for example: ADDRESS Address.",
        )


class RowThere(EditRefused):
    """A row with this code already exists."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "CODE",
            f"Запись с кодом «{key[:60]}» в черновике уже есть. Измените её или выберите другой код.",
            f"The draft has a row with code {key[:60]!r} already. Change that one or choose another code.",
        )


class ChangedMeanwhile(EditRefused):
    """Somebody else has changed the row since it was opened."""

    def __init__(self, key: str, who: str) -> None:
        super().__init__(
            "",
            f"Пока вы правили запись «{key[:60]}», её изменили ({who}). Ваша правка не записана: сравните с тем, "
            "что в черновике сейчас, и сохраните ещё раз.",
            f"While you edited row {key[:60]!r}, {who} changed it. Your edit is not kept: compare it with what the "
            "draft has now, and save again.",
        )


class ParentWrong(EditRefused):
    """The parent row is not in the draft, or is itself under this row."""

    def __init__(self, key: str, parent: str) -> None:
        super().__init__(
            "PARENT",
            f"Запись «{key[:60]}» нельзя поместить под «{parent[:60]}»: такой записи в черновике нет или она сама "
            "находится под этой.",
            f"Row {key[:60]!r} cannot be put under {parent[:60]!r}: the draft has no such row, or it is itself under "
            "this one.",
        )


class HasRowsUnder(EditRefused):
    """The row cannot be withdrawn because other rows are under it."""

    def __init__(self, key: str, count: int) -> None:
        super().__init__(
            "",
            f"Под записью «{key[:60]}» есть другие ({count}). Сначала изымите или переместите их.",
            f"There are rows under row {key[:60]!r} ({count}). Withdraw or move them first.",
        )


class NumberWrong(EditRefused):
    """The number of a new version is malformed, or not above those that exist."""

    def __init__(self, number: str, newest: str | None) -> None:
        super().__init__(
            "number",
            f"Номер версии «{number[:30]}» не годится: нужны числа через точку"
            + (f", больше прежней версии {newest}." if newest else "."),
            f"Version number {number[:30]!r} will not do: numbers between dots are needed"
            + (f", above version {newest}." if newest else "."),
        )


class NothingChanged(EditRefused):
    """The draft has no rows, or is the same as the version before."""

    def __init__(self, version: str | None) -> None:
        super().__init__(
            "",
            f"Черновик ничем не отличается от версии {version}." if version else "В черновике ещё нет записей.",
            f"The draft is the same as version {version}." if version else "The draft has no rows yet.",
        )


class FileColumnsWrong(EditRefused):
    """The file's columns do not match the dictionary's."""

    def __init__(self, unknown: tuple[str, ...], missing: tuple[str, ...]) -> None:
        ru = "; ".join(
            part
            for part in (
                f"лишние столбцы: {', '.join(unknown)[:200]}" if unknown else "",
                f"не хватает: {', '.join(missing)[:200]}" if missing else "",
            )
            if part
        )
        en = "; ".join(
            part
            for part in (
                f"unknown columns: {', '.join(unknown)[:200]}" if unknown else "",
                f"missing: {', '.join(missing)[:200]}" if missing else "",
            )
            if part
        )
        super().__init__(
            "file",
            f"Столбцы файла не те: {ru}. Назовите их именами или заголовками столбцов справочника.",
            f"The file's columns do not fit: {en}. Call them by the names or titles of the dictionary's columns.",
        )


class FileRowWrong(EditRefused):
    """A row of the file cannot be accepted; `number` counts from 1, without the header."""

    def __init__(self, number: int, error: EditRefused) -> None:
        super().__init__(
            "file",
            f"Строка {number} файла: {error.ru} Ничего из файла не записано.",
            f"Row {number} of the file: {error.en} Nothing of the file is kept.",
        )
