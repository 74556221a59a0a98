"""Why an import is refused. Every refusal names the file, page and row; nothing of that file is imported."""

from collections.abc import Iterable

import msgspec

from trustmed.errors import InputRefused, Unavailable


class Where(msgspec.Struct, frozen=True):
    """A place in what is imported; rows are numbered from 1 within their page."""

    file: str
    page: str | None = None
    row: int | None = None

    def at(self, page: str | None = None, row: int | None = None) -> "Where":
        return Where(self.file, page or self.page, row)

    @property
    def ru(self) -> str:
        page = f", страница {self.page}" if self.page else ""
        return f"{self.file}{page}" + (f", строка {self.row}" if self.row is not None else "")

    @property
    def en(self) -> str:
        page = f", page {self.page}" if self.page else ""
        return f"{self.file}{page}" + (f", row {self.row}" if self.row is not None else "")


class ImportRefused(InputRefused):
    """The base of all refusals of an import."""

    def __init__(self, where: Where, ru: str, en: str) -> None:
        super().__init__(f"{where.ru}: {ru} Ничего не загружено.", f"{where.en}: {en} Nothing is imported.")
        self.where = where


class NothingToImport(InputRefused):
    """The path or folder has nothing that can be imported."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path}: нечего загружать. Ожидаются файлы OID_версия.zip или OID_версия.csv, папка с ними, "
            "папка с passport.json и part1.json… или OID справочника.",
            f"{path}: nothing to import. Expected are files OID_version.zip or OID_version.csv, a folder of them, "
            "a folder with passport.json and part1.json…, or the OID of a dictionary.",
        )


class NotReadable(ImportRefused):
    """The file cannot be opened or read."""

    def __init__(self, where: Where, error: OSError) -> None:
        super().__init__(where, f"не читается: {error.strerror}.", f"cannot be read: {error.strerror}.")


class NotAnArchive(ImportRefused):
    """The file is not a zip, or a broken one."""

    def __init__(self, where: Where, detail: str) -> None:
        super().__init__(
            where,
            f"не архив zip или он повреждён ({detail}). Скачайте файл ещё раз.",
            f"not a zip archive, or a broken one ({detail}). Download the file again.",
        )


class ArchiveTooLarge(ImportRefused):
    """Unpacked, it would be larger than any dictionary is, or it is suspiciously compressed."""

    def __init__(self, where: Where, megabytes: int, limit: int) -> None:
        super().__init__(
            where,
            f"в распакованном виде {megabytes} МБ, больше допустимых {limit} МБ или сжато подозрительно сильно.",
            f"{megabytes} MB unpack_zip, more than the {limit} MB permitted, or packed suspiciously tight.",
        )


class ArchiveHasOther(ImportRefused):
    """The archive or folder lacks what a version consists of."""

    def __init__(self, where: Where, names: Iterable[str]) -> None:
        listed = ", ".join(sorted(names)[:10]) or "—"
        super().__init__(
            where,
            f"нет passport.json с part1.json… и нет одного файла CSV; есть: {listed}.",
            f"there is neither passport.json with part1.json… nor one CSV file; there is: {listed}.",
        )


class PageInsteadOfData(ImportRefused):
    """HTML came instead of JSON: the service's sign-in page or an error page."""

    def __init__(self, where: Where) -> None:
        super().__init__(
            where,
            "вместо данных пришла веб-страница (вход или ошибка сервиса). Проверьте ключ и адрес сервиса.",
            "a web page came instead of data (the service's sign-in or error). Check the key and the address.",
        )


class NotJson(ImportRefused):
    """The content is truncated, or not JSON at all."""

    def __init__(self, where: Where, detail: str) -> None:
        super().__init__(
            where,
            f"это не JSON или он обрезан ({detail}). Скачайте файл ещё раз.",
            f"this is no JSON, or it is cut ({detail}). Download the file again.",
        )


class NotAsTheService(ImportRefused):
    """The content is JSON, but not in the service's format."""

    def __init__(self, where: Where, detail: str) -> None:
        super().__init__(
            where,
            f"устроено не так, как отвечает сервис НСИ ({detail}).",
            f"not in the form the service answers in ({detail}).",
        )


class ServiceRefused(ImportRefused):
    """The service answered with a refusal."""

    def __init__(self, where: Where, result: str, text: str | None) -> None:
        words = text or result
        super().__init__(where, f"сервис ответил отказом: {words}.", f"the service refused: {words}.")


class PagesCut(ImportRefused):
    """There are fewer (or more) rows than stated, or a page is missing."""

    def __init__(self, where: Where, ru: str, en: str) -> None:
        super().__init__(where, f"данные неполны: {ru}.", f"the data is not whole: {en}.")


class OtherVersion(ImportRefused):
    """The dictionary or version is not the one asked for or named by the file."""

    def __init__(self, where: Where, found: str, expected: str) -> None:
        super().__init__(
            where, f"внутри {found}, а ожидалось {expected}.", f"inside is {found}, expected was {expected}."
        )


class VersionMalformed(ImportRefused):
    """The version is not numbers between dots."""

    def __init__(self, where: Where, version: str) -> None:
        super().__init__(
            where,
            f"номер версии «{version}» не числа через точку.",
            f"version {version!r} is not numbers between dots.",
        )


class OidMalformed(ImportRefused):
    """The OID is malformed, or not given at all."""

    def __init__(self, where: Where, oid: str) -> None:
        super().__init__(
            where,
            f"«{oid}» не OID справочника. Назовите файл OID_версия.csv или укажите --oid и --version.",
            f"{oid!r} is not the OID of a dictionary. Name the file OID_version.csv or give --oid and --version.",
        )


class KeyColumnUnknown(ImportRefused):
    """Neither the passport nor a flag says which column is the key."""

    def __init__(self, where: Where, columns: Iterable[str]) -> None:
        listed = ", ".join(columns)
        super().__init__(
            where,
            f"не сказано, какой столбец ключевой: паспорта с ключом PRIMARY нет. Укажите --key; столбцы: {listed}.",
            f"nothing says which column is the key: there is no passport with a PRIMARY key. Give --key; "
            f"columns: {listed}.",
        )


class ColumnUnknown(ImportRefused):
    """There is no column with this name."""

    def __init__(self, where: Where, column: str, columns: Iterable[str]) -> None:
        listed = ", ".join(columns)
        super().__init__(where, f"столбца {column} нет; есть: {listed}.", f"no column {column}; there are: {listed}.")


class KeyEmpty(ImportRefused):
    """A row has no value in the key column."""

    def __init__(self, where: Where, column: str) -> None:
        super().__init__(where, f"ключевой столбец {column} пуст.", f"the key column {column} is empty.")


class KeyRepeated(ImportRefused):
    """Two rows have the same key."""

    def __init__(self, where: Where, column: str, key: str, first: Where) -> None:
        super().__init__(
            where,
            f"ключ {column} = «{key}» уже был ({first.ru}).",
            f"key {column} = {key!r} is there already ({first.en}).",
        )


class RowOtherwise(ImportRefused):
    """A row, or the header, has other columns than expected."""

    def __init__(self, where: Where, ru: str, en: str) -> None:
        super().__init__(where, f"{ru}.", f"{en}.")


class EncodingUnknown(ImportRefused):
    """The encoding is not UTF-8, or not the one given."""

    def __init__(self, where: Where, likely: str | None) -> None:
        guess_ru = f", похоже на {likely}: если это так, укажите --encoding {likely}" if likely else ""
        guess_en = f"; it looks like {likely}: if it is, give --encoding {likely}" if likely else ""
        super().__init__(where, f"кодировка не UTF-8{guess_ru}.", f"the encoding is not UTF-8{guess_en}.")


class NotText(ImportRefused):
    """The text has a character that the database cannot store."""

    def __init__(self, where: Where) -> None:
        super().__init__(
            where,
            "есть служебный символ (U+0000), который нельзя сохранить.",
            "there is a control character (U+0000) that cannot be kept.",
        )


class AliasTaken(ImportRefused):
    """Another dictionary has this OID."""

    def __init__(self, where: Where, alias: str, oid: str, other: str) -> None:
        super().__init__(
            where,
            f"OID {alias} справочника {oid} уже принадлежит справочнику {other}. Разберитесь, который из них верен.",
            f"OID {alias} of dictionary {oid} belongs to dictionary {other} already. Find out which of them is right.",
        )


class HeldOtherwise(ImportRefused):
    """The version is already held with other rows or other roles of columns."""

    def __init__(self, where: Where, oid: str, version: str, ru: str, en: str) -> None:
        super().__init__(
            where,
            f"версия {version} справочника {oid} уже загружена, но {ru}. Версия не меняется после выпуска: "
            "проверьте, откуда файл.",
            f"version {version} of dictionary {oid} is held already, but {en}. A version does not change once it is "
            "out: check where the file is from.",
        )


class ImportBusy(Unavailable):
    """Another import is running."""

    def __init__(self) -> None:
        super().__init__(
            "Сейчас идёт другая загрузка справочников. Дождитесь её и повторите; ничего не загружено.",
            "Another import of dictionaries is running. Wait for it and try again; nothing is imported.",
        )


class NotStored(Unavailable):
    """The region's database did not accept the rows: it has no space or went down."""

    def __init__(self, where: Where, cause: str) -> None:
        super().__init__(
            f"{where.ru}: база НСИ не приняла строки: {cause}. Ничего из этой версии не загружено; устраните причину и "
            "повторите.",
            f"{where.en}: the dictionaries' database did not take the rows: {cause}. Nothing of this version is "
            "imported; mend the cause and run again.",
        )
