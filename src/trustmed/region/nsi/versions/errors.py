"""Why a step on dictionaries is refused. Refusals of imports are in `refusals`."""

from trustmed.errors import InputRefused, NotFound


class DictionaryUnknown(NotFound):
    """There is no dictionary with this OID."""

    def __init__(self, oid: str) -> None:
        super().__init__(
            f"Справочника {oid} в регионе нет. Загрузите его: trustmed nsi import.",
            f"The region has no dictionary {oid}. Import it: trustmed nsi import.",
        )


class VersionUnknown(NotFound):
    """This version of the dictionary is not held."""

    def __init__(self, oid: str, version: str) -> None:
        super().__init__(
            f"Версии {version} справочника {oid} в регионе нет. Список версий: trustmed nsi list {oid}.",
            f"The region has no version {version} of dictionary {oid}. Versions: trustmed nsi list {oid}.",
        )


class AlreadyInForce(InputRefused):
    """The version is already in force."""

    def __init__(self, oid: str, version: str) -> None:
        super().__init__(
            f"Версия {version} справочника {oid} уже действует; ничего не изменено.",
            f"Version {version} of dictionary {oid} is in force already; nothing is changed.",
        )


class NothingBefore(InputRefused):
    """No version was published before the one in force."""

    def __init__(self, oid: str) -> None:
        super().__init__(
            f"Откатывать справочник {oid} некуда: до действующей версии ничего не публиковали. "
            "Опубликуйте нужную версию: trustmed nsi publish.",
            f"There is nothing to roll dictionary {oid} back to: no version was published before the one in force. "
            "Publish the one wanted: trustmed nsi publish.",
        )


class TurnedMeanwhile(InputRefused):
    """Somebody else changed the version in force at the same moment."""

    def __init__(self, oid: str) -> None:
        super().__init__(
            f"Действующую версию справочника {oid} только что сменил кто-то другой; ничего не изменено. "
            "Посмотрите, какая действует, и повторите.",
            f"Somebody else has just changed the version in force of dictionary {oid}; nothing is changed. "
            "See which is in force and try again.",
        )
