"""What may be wrong with a link, in words, and what to do about it."""

from typing import Literal

import msgspec

State = Literal["streaming", "catching_up", "copying", "broken", "unreachable", "paused"]
Repair = Literal["apply", "password", "enable", "resync", "none"]

REPAIR_RU = "Выполните: trustmed topology repair {link}"
REPAIR_EN = "Run: trustmed topology repair {link}"


class Cause(msgspec.Struct, frozen=True):
    """Texts may name {link}, {source}, {target}. `repair` is what `topology repair` does about it."""

    state: State
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
        "Проверьте питание сервера и линию; площадка работает и без связи, данные дойдут сами, когда она вернётся",
        "Check the server's power and the line; the site works without it, and data follow by themselves",
    ),
    "target_unreachable": Cause(
        "unreachable",
        "нет связи с сервером получателя {target}",
        "the target's server {target} cannot be reached",
        "none",
        "Проверьте питание сервера и линию; данные копятся у источника и дойдут сами, когда связь вернётся",
        "Check the server's power and the line; data wait at the source and follow by themselves",
    ),
    "no_connection": Cause(
        "unreachable",
        "сервер получателя {target} не может соединиться с источником {source}",
        "the target's server {target} cannot connect to the source {source}",
        "none",
        "Проверьте линию между этими серверами и адрес в файле топологии (address_from_region, reference_address)",
        "Check the line between these servers and the address in the topology file",
    ),
    "monitor_refused": Cause(
        "broken",
        "сервер не впускает монитор связей",
        "a server does not let the link monitor in",
        "apply",
        "Выполните: trustmed topology apply (пароль роли trustmed_monitor будет выставлен заново)",
        "Run: trustmed topology apply (it sets the password of role trustmed_monitor again)",
    ),
    "probe_failed": Cause(
        "broken",
        "состояние связи не удалось прочесть",
        "the link's state could not be read",
        "apply",
        "Выполните: trustmed topology plan — он покажет, чего не хватает",
        "Run: trustmed topology plan; it shows what is lacking",
    ),
    "subscription_missing": Cause(
        "broken",
        "на {target} нет подписки этой связи",
        "there is no subscription of this link at {target}",
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
        "источник {source} восстановлен из более старой копии: у получателя есть данные, которых он не знает",
        "the source {source} was restored from an older backup: the target has data it does not know",
        "resync",
        REPAIR_RU + ". Строки, которых нет у источника, останутся у получателя и будут перечислены в карантине",
        REPAIR_EN + ". Rows the source lacks stay at the target and are listed in quarantine",
    ),
    "slot_missing": Cause(
        "broken",
        "на {source} нет слота репликации этой связи",
        "the link's replication slot is gone from {source}",
        "resync",
    ),
    "slot_lost": Cause(
        "broken",
        "слот репликации на {source} потерян: журнал, который он держал, уже удалён",
        "the replication slot at {source} is lost: the log it held is removed",
        "resync",
    ),
    "slot_by_hand": Cause(
        "broken",
        "слот репликации на {source} создан вручную: изменения до него потеряны",
        "the replication slot at {source} was made by hand: changes before it are lost",
        "resync",
    ),
    "publication_missing": Cause(
        "broken",
        "на {source} нет публикации этой связи",
        "the link's publication is gone from {source}",
        "resync",
    ),
    "publication_altered": Cause(
        "broken",
        "публикация на {source} изменена вручную и передаёт не всё",
        "the publication at {source} was altered by hand and does not send all",
        "resync",
    ),
    "subscription_by_hand": Cause(
        "broken",
        "подписка на {target} создана или изменена вручную: неизвестно, чего она не получила",
        "the subscription at {target} was made or altered by hand: nobody knows what it did not get",
        "resync",
    ),
    "pointed_elsewhere": Cause(
        "broken",
        "подписка на {target} обращается не к {source}, а по другому адресу",
        "the subscription at {target} connects to another address than that of {source}",
        "resync",
    ),
    "not_connected": Cause(
        "broken",
        "подписка на {target} включена, но к {source} не подключается",
        "the subscription at {target} is on, yet does not connect to {source}",
        "resync",
        "Посмотрите журнал сервера получателя (нужен jsonlog), затем: trustmed topology repair {link}",
        "See the log of the target's server (jsonlog is wanted), then: trustmed topology repair {link}",
    ),
    "link_refused": Cause(
        "broken",
        "источник {source} не впускает роль trustmed_link",
        "the source {source} does not let role trustmed_link in",
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
        "Upgrade the region's program and run: trustmed topology apply (the region goes before the sites)",
    ),
    "schema_drift": Cause(
        "broken",
        "таблицы источника и получателя разошлись",
        "the tables of source and target have drifted apart",
        "none",
        "Верните таблицы к схеме (её меняют только миграции), затем: trustmed topology apply и "
        "trustmed topology repair {link}",
        "Bring the tables back to the schema (only migrations change it), then: trustmed topology apply and "
        "trustmed topology repair {link}",
    ),
    "stopped_by_drift": Cause(
        "broken",
        "связь остановилась, когда таблицы разошлись; теперь они сходятся",
        "the link stopped when the tables had drifted apart; they meet now",
        "enable",
    ),
    "tables_missing": Cause(
        "broken",
        "подписка не знает части таблиц",
        "the subscription does not know some tables",
        "apply",
        "Выполните: trustmed topology apply",
        "Run: trustmed topology apply",
    ),
    "constraint_violation": Cause(
        "broken",
        "строка из {source} противоречит данным получателя {target}; связь остановлена",
        "a row from {source} contradicts the data at the target {target}; the link has stopped",
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
        "the subscription at {target} is switched off by hand",
        "enable",
        "Включите связь: trustmed topology repair {link}",
        "Switch it on: trustmed topology repair {link}",
    ),
    "error": Cause(
        "broken",
        "связь не работает",
        "the link does not work",
        "resync",
    ),
    "wal_running_out": Cause(
        "catching_up",
        "место под журнал на {source} кончается: слот скоро будет потерян",
        "the room for WAL at {source} is running out: the slot will soon be lost",
        "none",
        "Верните связь или увеличьте max_slot_wal_keep_size на сервере источника",
        "Bring the line back, or raise max_slot_wal_keep_size at the source's server",
    ),
    "copying": Cause(
        "copying",
        "идёт первое копирование таблиц",
        "the tables are being copied for the first time",
        "none",
        "Подождите",
        "Wait",
    ),
    "catching_up": Cause(
        "catching_up",
        "получатель догоняет источник",
        "the target is catching up",
        "none",
        "Подождите; если отставание не убывает, посмотрите нагрузку на {target}",
        "Wait; if the lag does not shrink, look at the load of {target}",
    ),
}

# Words of the server's log that tell the cause; the first match counts.
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
    """The cause that a server's error message tells."""
    if "replication slot" in words and "does not exist" in words:
        return "slot_missing"
    if "publication" in words and "does not exist" in words:
        return "publication_missing"
    return next((cause for text, cause in LOG_WORDS if text in words), "error")
