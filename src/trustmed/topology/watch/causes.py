"""What may be wrong with a link, in both languages, and what to do about it."""

from typing import Literal

import msgspec

LinkStateName = Literal["streaming", "catching_up", "copying", "broken", "unreachable", "paused"]
Repair = Literal["apply", "password", "enable", "resync", "none"]

REPAIR_RU = "Выполните: trustmed topology repair {link}"
REPAIR_EN = "Run: trustmed topology repair {link}"


class Cause(msgspec.Struct, frozen=True):
    """Texts may name {link}, {source}, {target} and end without a full stop. `repair`: what `topology repair` does."""

    state: LinkStateName
    ru: str
    en: str
    repair: Repair
    action_ru: str = REPAIR_RU
    action_en: str = REPAIR_EN


CAUSES: dict[str, Cause] = {
    "source_unreachable": Cause(
        "unreachable",
        "нет связи с сервером источника {source}",
        "the source's server {source} cannot be reached",
        "none",
        "Проверьте, работают ли сервер и линия. Площадка работает и без связи; когда она появится, данные дойдут сами",
        "Check that the server and the line are up. The site works meanwhile; its data arrive once the link is back",
    ),
    "target_unreachable": Cause(
        "unreachable",
        "нет связи с сервером получателя {target}",
        "the target's server {target} cannot be reached",
        "none",
        "Проверьте, работают ли сервер и линия. Данные копятся у источника; когда связь появится, они дойдут сами",
        "Check that the server and the line are up. Data wait at the source and arrive once the link is back",
    ),
    "no_connection": Cause(
        "unreachable",
        "сервер получателя {target} не может соединиться с источником {source}",
        "the target's server {target} cannot connect to the source {source}",
        "none",
        "Проверьте линию между этими серверами и адрес в файле топологии (address_from_region, reference_address)",
        "Check the line between these servers and the address in the topology file (address_from_region, "
        "reference_address)",
    ),
    "monitor_refused": Cause(
        "broken",
        "сервер отказывает монитору связей в подключении",
        "a server refuses the link monitor",
        "apply",
        "Выполните: trustmed topology apply (пароль роли trustmed_monitor будет задан заново)",
        "Run: trustmed topology apply (it sets the password of role trustmed_monitor again)",
    ),
    "probe_failed": Cause(
        "broken",
        "не удалось узнать состояние связи",
        "the link's state could not be read",
        "apply",
        "Выполните: trustmed topology plan (покажет, чего не хватает)",
        "Run: trustmed topology plan (it shows what is lacking)",
    ),
    "subscription_missing": Cause(
        "broken",
        "на {target} нет подписки этой связи",
        "{target} has no subscription for this link",
        "resync",
    ),
    "repair_unfinished": Cause(
        "broken",
        "восстановление связи было прервано",
        "a repair of the link was interrupted",
        "resync",
    ),
    "source_restored": Cause(
        "broken",
        "источник {source} восстановлен из старой резервной копии: у получателя есть данные, которых нет у источника",
        "the source {source} was restored from an older backup: the target has data that the source lacks",
        "resync",
        REPAIR_RU + ". Строки, которых нет у источника, останутся у получателя, а их копии попадут в карантин",
        REPAIR_EN + ". Rows that the source lacks stay at the target, with copies in quarantine",
    ),
    "slot_missing": Cause(
        "broken",
        "на {source} нет слота репликации этой связи",
        "{source} has no replication slot for this link",
        "resync",
    ),
    "slot_lost": Cause(
        "broken",
        "слот репликации на {source} потерян: журнал, который он удерживал, уже удалён",
        "the replication slot at {source} is lost: the WAL it held is already removed",
        "resync",
    ),
    "slot_by_hand": Cause(
        "broken",
        "слот репликации на {source} создан вручную: более ранние изменения потеряны",
        "the replication slot at {source} was created by hand: earlier changes are lost",
        "resync",
    ),
    "publication_missing": Cause(
        "broken",
        "на {source} нет публикации этой связи",
        "{source} has no publication for this link",
        "resync",
    ),
    "publication_altered": Cause(
        "broken",
        "публикация на {source} изменена вручную и передаёт не всё",
        "the publication at {source} was altered by hand and does not send everything",
        "resync",
    ),
    "subscription_by_hand": Cause(
        "broken",
        "подписка на {target} создана или изменена вручную: неизвестно, каких изменений она не получила",
        "the subscription at {target} was created or altered by hand: which changes it missed is unknown",
        "resync",
    ),
    "pointed_elsewhere": Cause(
        "broken",
        "подписка на {target} подключается не к {source}, а по другому адресу",
        "the subscription at {target} connects to an address that is not that of {source}",
        "resync",
    ),
    "not_connected": Cause(
        "broken",
        "подписка на {target} включена, но к {source} не подключается",
        "the subscription at {target} is enabled but does not connect to {source}",
        "resync",
        "Посмотрите журнал сервера получателя (нужен jsonlog), затем: trustmed topology repair {link}",
        "See the log of the target's server (jsonlog is needed), then: trustmed topology repair {link}",
    ),
    "link_refused": Cause(
        "broken",
        "источник {source} отказывает роли trustmed_link в подключении",
        "the source {source} refuses role trustmed_link",
        "password",
        "Проверьте pg_hba.conf источника, затем: trustmed topology repair {link}",
        "Check the source's pg_hba.conf, then: trustmed topology repair {link}",
    ),
    "wrong_password": Cause(
        "broken",
        "источник {source} не принимает пароль роли trustmed_link",
        "the source {source} does not accept the password of role trustmed_link",
        "password",
    ),
    "schema_site_newer": Cause(
        "broken",
        "схема источника {source} новее схемы получателя {target}",
        "the schema of the source {source} is newer than that of the target {target}",
        "none",
        "Обновите программу региона и выполните: trustmed topology apply (регион обновляется раньше площадок)",
        "Upgrade the region's program and run: trustmed topology apply (the region is upgraded before the sites)",
    ),
    "schema_drift": Cause(
        "broken",
        "таблицы источника и получателя различаются",
        "the tables of source and target differ",
        "none",
        "Приведите таблицы к схеме (её меняют только миграции), затем: trustmed topology apply и "
        "trustmed topology repair {link}",
        "Bring the tables back to the schema (only migrations may change it), then: trustmed topology apply and "
        "trustmed topology repair {link}",
    ),
    "stopped_by_drift": Cause(
        "broken",
        "связь остановилась из-за различий в таблицах; теперь таблицы снова совпадают",
        "the link stopped because the tables differed; they match again",
        "enable",
    ),
    "tables_missing": Cause(
        "broken",
        "в подписке нет части таблиц",
        "the subscription lacks some tables",
        "apply",
        "Выполните: trustmed topology apply",
        "Run: trustmed topology apply",
    ),
    "constraint_violation": Cause(
        "broken",
        "строка из {source} противоречит данным получателя {target}; связь остановлена",
        "a row from {source} conflicts with the data of the target {target}; the link has stopped",
        "resync",
    ),
    "hole": Cause(
        "broken",
        "часть изменений потеряна между {source} и {target}",
        "some changes were lost between {source} and {target}",
        "resync",
    ),
    "disabled_by_hand": Cause(
        "paused",
        "подписка на {target} выключена вручную",
        "the subscription at {target} was disabled by hand",
        "enable",
        "Включите связь: trustmed topology repair {link}",
        "Enable the link: trustmed topology repair {link}",
    ),
    "error": Cause(
        "broken",
        "связь не работает",
        "the link does not work",
        "resync",
    ),
    "wal_running_out": Cause(
        "catching_up",
        "место под журнал на {source} заканчивается: слот скоро будет потерян",
        "the room for WAL at {source} is running out: the slot will soon be lost",
        "none",
        "Восстановите связь или увеличьте max_slot_wal_keep_size на сервере источника",
        "Restore the connection, or raise max_slot_wal_keep_size on the source's server",
    ),
    "copying": Cause(
        "copying",
        "идёт первоначальное копирование таблиц",
        "the initial copy of the tables is running",
        "none",
        "Подождите",
        "Wait",
    ),
    "catching_up": Cause(
        "catching_up",
        "получатель догоняет источник",
        "the target is catching up",
        "none",
        "Подождите; если отставание не уменьшается, проверьте нагрузку на {target}",
        "Wait; if the lag does not shrink, check the load on {target}",
    ),
}

# Words of a server's log (lc_messages = C) that tell the cause; the first match counts.
LOG_WORDS: tuple[tuple[str, str], ...] = (
    ("password authentication failed", "wrong_password"),
    ("no password supplied", "wrong_password"),
    ("is not permitted to log in", "link_refused"),
    ("pg_hba.conf", "link_refused"),
    ("permission denied to start WAL sender", "link_refused"),
    ("permission denied for", "link_refused"),
    ("can no longer access replication slot", "slot_lost"),
    ("can no longer get changes from replication slot", "slot_lost"),
    ("has been invalidated", "slot_lost"),
    ("target relation", "schema_drift"),
    ("missing replicated column", "schema_drift"),
    ("column list", "schema_drift"),
    ("no partition of relation", "schema_drift"),
    ("did not send replica identity", "schema_drift"),
    ("invalid input", "schema_drift"),
    ("violates", "constraint_violation"),
    ("conflict detected", "constraint_violation"),
    ("could not connect to the publisher", "no_connection"),
    ("could not receive data from WAL stream", "no_connection"),
    ("terminating logical replication worker due to timeout", "no_connection"),
)


def cause_of_words(words: str) -> str:
    """Return the cause that a server's error message tells, "error" if it tells none."""
    if "replication slot" in words and "does not exist" in words:
        return "slot_missing"
    if "publication" in words and "does not exist" in words:
        return "publication_missing"
    return next((cause for text, cause in LOG_WORDS if text in words), "error")
