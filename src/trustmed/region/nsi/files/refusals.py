"""What can be wrong with what is imported. Every refusal names the file, page and row; nothing of it is imported."""

from collections.abc import Iterable

import msgspec

from trustmed.errors import InputRefused, Unavailable


class Where(msgspec.Struct, frozen=True):
    """A place in what is imported: rows are numbered from 1 within their page."""

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
    """The base of all that is wrong with what is imported."""

    def __init__(self, where: Where, ru: str, en: str) -> None:
        super().__init__(f"{where.ru}: {ru} Ничего не загружено.", f"{where.en}: {en} Nothing is imported.")
        self.where = where


class NothingToImport(InputRefused):
    """A path or a folder with nothing that can be imported."""

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
    """Not a zip, or a broken one."""

    def __init__(self, where: Where, detail: str) -> None:
        super().__init__(
            where,
            f"не архив zip или он повреждён ({detail}). Скачайте файл ещё раз.",
            f"not a zip archive, or a broken one ({detail}). Download the file again.",
        )


class ArchiveTooLarge(ImportRefused):
    """Unpacked it would be larger than any dictionary is."""

    def __init__(self, where: Where, megabytes: int, limit: int) -> None:
        super().__init__(
            where,
            f"в распакованном виде {megabytes} МБ, больше допустимых {limit} МБ или сжато подозрительно сильно.",
            f"{megabytes} MB unpacked, more than the {limit} MB permitted, or packed suspiciously tight.",
        )


class ArchiveHasOther(ImportRefused):
    """An archive or a folder without what a version consists of."""

    def __init__(self, where: Where, names: Iterable[str]) -> None:
        listed = ", ".join(sorted(names)[:10]) or "—"
        super().__init__(
            where,
            f"нет passport.json с part1.json… и нет одного файла CSV; есть: {listed}.",
            f"there is neither passport.json with part1.json… nor one CSV file; there is: {listed}.",
        )


class PageInsteadOfData(ImportRefused):
    """HTML where JSON was to be: the service's page of sign-in or of an error."""

    def __init__(self, where: Where) -> None:
        super().__init__(
            where,
            "вместо данных пришла веб-страница (вход или ошибка сервиса). Проверьте ключ и адрес сервиса.",
            "a web page came instead of data (the service's sign-in or error). Check the key and the address.",
        )


class NotJson(ImportRefused):
    """Cut or not JSON at all."""

    def __init__(self, where: Where, detail: str) -> None:
        super().__init__(
            where,
            f"это не JSON или он обрезан ({detail}). Скачайте файл ещё раз.",
            f"this is no JSON, or it is cut ({detail}). Download the file again.",
        )


class NotAsTheService(ImportRefused):
    """JSON, but not such as the service gives."""

    def __init__(self, where: Where, detail: str) -> None:
        super().__init__(
            where,
            f"устроено не так, как отвечает сервис НСИ ({detail}).",
            f"not in the form the service answers in ({detail}).",
        )


class ServiceRefused(ImportRefused):
    """The service answered that it will not."""

    def __init__(self, where: Where, result: str, text: str | None) -> None:
        words = text or result
        super().__init__(where, f"сервис ответил отказом: {words}.", f"the service refused: {words}.")


class PagesCut(ImportRefused):
    """Fewer (or more) rows than was said, or a page missing."""

    def __init__(self, where: Where, ru: str, en: str) -> None:
        super().__init__(where, f"данные неполны: {ru}.", f"the data is not whole: {en}.")


class OtherVersion(ImportRefused):
    """The version or dictionary is not the one that was asked for or that the file is named by."""

    def __init__(self, where: Where, found: str, wanted: str) -> None:
        super().__init__(where, f"внутри {found}, а ожидалось {wanted}.", f"inside is {found}, expected was {wanted}.")


class VersionMalformed(ImportRefused):
    """A version that is not numbers between dots."""

    def __init__(self, where: Where, version: str) -> None:
        super().__init__(
            where,
            f"номер версии «{version}» не числа через точку.",
            f"version {version!r} is not numbers between dots.",
        )


class OidMalformed(ImportRefused):
    """An OID that is none, or is not given at all."""

    def __init__(self, where: Where, oid: str) -> None:
        super().__init__(
            where,
            f"«{oid}» не OID справочника. Назовите файл OID_версия.csv или укажите --oid и --version.",
            f"{oid!r} is not the OID of a dictionary. Name the file OID_version.csv or give --oid and --version.",
        )


class KeyColumnUnknown(ImportRefused):
    """Nobody says which column is the key."""

    def __init__(self, where: Where, columns: Iterable[str]) -> None:
        listed = ", ".join(columns)
        super().__init__(
            where,
            f"не сказано, какой столбец ключевой: паспорта с ключом PRIMARY нет. Укажите --key; столбцы: {listed}.",
            f"nothing says which column is the key: there is no passport with a PRIMARY key. Give --key; "
            f"columns: {listed}.",
        )


class ColumnUnknown(ImportRefused):
    """A column that was named is not there."""

    def __init__(self, where: Where, column: str, columns: Iterable[str]) -> None:
        listed = ", ".join(columns)
        super().__init__(where, f"столбца {column} нет; есть: {listed}.", f"no column {column}; there are: {listed}.")


class KeyEmpty(ImportRefused):
    """A row without a value in the key column."""

    def __init__(self, where: Where, column: str) -> None:
        super().__init__(where, f"ключевой столбец {column} пуст.", f"the key column {column} is empty.")


class KeyRepeated(ImportRefused):
    """Two rows with one key."""

    def __init__(self, where: Where, column: str, key: str, first: Where) -> None:
        super().__init__(
            where,
            f"ключ {column} = «{key}» уже был ({first.ru}).",
            f"key {column} = {key!r} is there already ({first.en}).",
        )


class RowOtherwise(ImportRefused):
    """A row with other columns than the rest."""

    def __init__(self, where: Where, ru: str, en: str) -> None:
        super().__init__(where, f"{ru}.", f"{en}.")


class EncodingUnknown(ImportRefused):
    """Not UTF-8."""

    def __init__(self, where: Where, likely: str | None) -> None:
        guess_ru = f", похоже на {likely}: если это так, укажите --encoding {likely}" if likely else ""
        guess_en = f"; it looks like {likely}: if it is, give --encoding {likely}" if likely else ""
        super().__init__(where, f"кодировка не UTF-8{guess_ru}.", f"the encoding is not UTF-8{guess_en}.")


class NotText(ImportRefused):
    """A character that no database keeps."""

    def __init__(self, where: Where) -> None:
        super().__init__(
            where,
            "есть служебный символ (U+0000), который нельзя сохранить.",
            "there is a control character (U+0000) that cannot be kept.",
        )


class AliasTaken(ImportRefused):
    """Another dictionary is known by this OID."""

    def __init__(self, where: Where, alias: str, oid: str, other: str) -> None:
        super().__init__(
            where,
            f"OID {alias} справочника {oid} уже принадлежит справочнику {other}. Разберитесь, который из них верен.",
            f"OID {alias} of dictionary {oid} belongs to dictionary {other} already. Find out which of them is right.",
        )


class HeldOtherwise(ImportRefused):
    """The version is held with other rows, or with another key."""

    def __init__(self, where: Where, oid: str, version: str, ru: str, en: str) -> None:
        super().__init__(
            where,
            f"версия {version} справочника {oid} уже загружена, но {ru}. Версия не меняется после выпуска: "
            "проверьте, откуда файл.",
            f"version {version} of dictionary {oid} is held already, but {en}. A version does not change once it is "
            "out: check where the file is from.",
        )


class ImportBusy(Unavailable):
    """Another import runs."""

    def __init__(self) -> None:
        super().__init__(
            "Сейчас идёт другая загрузка справочников. Дождитесь её и повторите; ничего не загружено.",
            "Another import of dictionaries is running. Wait for it and try again; nothing is imported.",
        )


class NotStored(Unavailable):
    """The region's database did not take the rows: no space, or it went down."""

    def __init__(self, where: Where, cause: str) -> None:
        super().__init__(
            f"{where.ru}: база НСИ не приняла строки: {cause}. Ничего из этой версии не загружено; устраните причину и "
            "повторите.",
            f"{where.en}: the dictionaries' database did not take the rows: {cause}. Nothing of this version is "
            "imported; mend the cause and run again.",
        )
