"""Facts on a shard: extracted once from each body that comes, whatever the body holds."""

import datetime as dt
import threading
from uuid import UUID, uuid4

import pytest

from tests.integration.region.facts.conftest import Shard
from tests.integration.region.feed.conftest import value
from tests.semd_samples import LEAST, MORNING, build, full
from tests.waiting import eventually
from trustmed.region.facts import extraction
from trustmed.region.facts.extraction import DocumentKey, Done, extract_facts
from trustmed.region.facts.load import Progress, extract_all, extract_all_by_processes, extract_some
from trustmed.semd.facts.extraction import EXTRACTOR, facts
from trustmed.semd.facts.model import Extracted, Fact

BODY = build(full())
OTHER = build(LEAST)
HEAD = [
    (1, "diagnosis", "I11.9", "ГБ II стадии"),
    (2, "diagnosis", "I50.0", "ХСН"),
    (3, "diagnosis", "E66.0", "Ожирение"),
]


def test_the_feed_extracts_facts_from_old_and_new_bodies(shard: Shard) -> None:
    before = shard.bring_body(OTHER)
    with shard.feed.feeding():
        eventually(lambda: shard.source(before) == (EXTRACTOR, len(facts(OTHER).facts), 0, None))
        patient = uuid4()
        key = shard.bring_body(BODY, patient_id=patient)
        eventually(lambda: shard.source(key) == (EXTRACTOR, len(facts(BODY).facts), 0, None))
    assert shard.facts(key)[:3] == HEAD
    row = shard.admin.execute(
        "select patient_id, system, title, value, unit, abnormal, at, until, section, detail, url, system_version"
        " from record.fact where document_id = %s and kind = 'vital' order by ordinal limit 1",
        (key.document_id,),
    ).fetchone()
    assert row == (
        *(patient, "1.2.643.5.1.13.13.99.2.262", "Артериальное давление систолическое", "140", "мм.рт.ст.", None),
        *(MORNING.astimezone(dt.UTC), None, "VITALPARAM", {}, None, "8.7"),
    )


def test_extracting_a_document_again_changes_nothing(shard: Shard) -> None:
    key = shard.bring_body(BODY)
    with shard.connect_as_feed() as connection:
        assert extract_facts(connection, [key, key]) == Done(1, 0)
        first = shard.facts(key)
        assert extract_facts(connection, [key]) == Done(1, 0)
    assert shard.facts(key) == first
    assert len(first) == len(facts(BODY).facts)


def test_a_change_sent_again_duplicates_no_facts(shard: Shard) -> None:
    key = shard.bring_body(BODY)
    with shard.feed.feeding():
        eventually(lambda: shard.source(key) is not None)
    first = shard.facts(key)
    when = "select extracted_at from record.fact_source"
    read_at = value(shard.admin, when)
    shard.admin.execute("update record.document_body set patient_id = patient_id where document_id = %s", (key[1],))
    with shard.feed.feeding():
        eventually(lambda: value(shard.admin, when) != read_at)
    assert shard.facts(key) == first


def test_an_unreadable_body_is_recorded_and_holds_up_nothing(shard: Shard) -> None:
    with shard.feed.feeding():
        at_work = "select count(*) from feed.position where consumer = 'extract_facts'"
        eventually(lambda: value(shard.admin, at_work) == 1)
        bad = [shard.bring_body(content) for content in (b"%PDF-1.7 no xml", b"<!DOCTYPE a><a/>", b"<html/>", b"\x00")]
        good = shard.bring_body(BODY)
        eventually(lambda: shard.source(good) is not None)
        assert value(shard.admin, "select count(*) from feed.parked") == 0
        assert value(shard.admin, "select last_error from feed.position") is None
    for key in bad:
        source = shard.source(key)
        assert source is not None
        assert source[:3] == (EXTRACTOR, 0, 0)
        russian, english = source[3].split("\n")
        assert "окумент" in russian
        assert "ocument" in english
        assert shard.facts(key) == []
    assert shard.facts(good)[:3] == HEAD


def test_a_failed_reading_and_unstorable_facts_do_not_spoil_their_batch(shard: Shard) -> None:
    crash, wrong, good = shard.bring_body(b"crash"), shard.bring_body(b"wrong"), shard.bring_body(b"good")

    def reader(content: bytes) -> Extracted:
        if content == b"crash":
            raise RecursionError("too deep")
        odd = Fact("other", "\x00" if content == b"wrong" else "1", "1.2.3")
        return Extracted((odd, odd), 1)

    with shard.connect_as_feed() as connection:
        assert extract_facts(connection, [crash, wrong, good], reader) == Done(3, 2)
    for key, word in ((crash, "RecursionError ("), (wrong, "UntranslatableCharacter")):
        source = shard.source(key)
        assert source is not None
        assert word in source[3]
        assert shard.facts(key) == []
    assert shard.source(good) == (EXTRACTOR, 2, 1, None)
    assert len(shard.facts(good)) == 2


def test_a_document_read_at_last_loses_its_error(shard: Shard) -> None:
    key = shard.bring_body(BODY)

    def failing(content: bytes) -> Extracted:
        raise ValueError(content[:5])

    with shard.connect_as_feed() as connection:
        assert extract_facts(connection, [key], failing) == Done(1, 1)
        assert extract_facts(connection, [key]) == Done(1, 0)
    assert shard.source(key) == (EXTRACTOR, len(facts(BODY).facts), 0, None)


def test_facts_are_deleted_with_their_document(shard: Shard) -> None:
    with shard.feed.feeding():
        key, stays = shard.bring_body(BODY), shard.bring_body(BODY)
        eventually(lambda: shard.source(key) is not None and shard.source(stays) is not None)
        shard.remove(key)
        eventually(lambda: shard.source(key) is None)
    assert shard.facts(key) == []
    assert shard.facts(stays)[:3] == HEAD


def test_rebuilding_reads_only_old_and_unread_documents(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [shard.bring_body(BODY, organization) for organization in (-5, 101, 102) for _ in range(4)]
    with shard.connect_as_feed() as connection:
        extract_facts(connection, keys[:8])
        for key in keys[:3]:
            shard.make_old(key)
        seen: list[Progress] = []
        monkeypatch.setattr("trustmed.region.facts.load.PAGE", 5)
        assert extract_all(connection, seen.append) == Done(7, 0)
        assert [progress.seen for progress in seen] == [5, 10, 12]
        assert shard.count_old() == 0
        assert extract_all(connection) == Done(0, 0)
        assert extract_all(connection, anew=True) == Done(12, 0)
    assert [shard.facts(key)[:3] for key in keys] == [HEAD] * 12


def test_an_interrupted_rebuild_continues_where_it_stopped(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [shard.bring_body(BODY) for _ in range(9)]
    monkeypatch.setattr("trustmed.region.facts.load.PAGE", 3)

    def interrupt(progress: Progress) -> None:
        if progress.seen == 6:
            raise KeyboardInterrupt

    with shard.connect_as_feed() as connection:
        with pytest.raises(KeyboardInterrupt):
            extract_all(connection, interrupt)
        assert extract_all(connection) == Done(3, 0)
    assert all(shard.facts(key)[:3] == HEAD for key in keys)


def test_the_feed_rereads_documents_that_an_older_version_read(shard: Shard) -> None:
    keys = [shard.bring_body(BODY) for _ in range(3)]
    with shard.feed.feeding():
        eventually(lambda: all(shard.source(key) for key in keys))
        for key in keys[:2]:
            shard.make_old(key)
        eventually(lambda: shard.count_old() == 0)
    with shard.connect_as_feed() as connection:
        assert extract_some(connection) == Done(0, 0)
    assert [shard.source(key) for key in keys] == [(EXTRACTOR, len(facts(BODY).facts), 0, None)] * 3


def test_documents_that_a_newer_version_read_are_left_alone(shard: Shard) -> None:
    key = shard.bring_body(BODY)
    with shard.connect_as_feed() as connection:
        extract_facts(connection, [key])
        shard.admin.execute("update record.fact_source set extractor = %s", (EXTRACTOR + 1,))
        assert (extract_all(connection), extract_some(connection)) == (Done(), Done())


def test_concurrent_readers_store_each_fact_once(shard: Shard) -> None:
    keys = [shard.bring_body(BODY) for _ in range(20)]
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def read(order: list[DocumentKey]) -> None:
        try:
            with shard.connect_as_feed() as connection:
                start.wait(60)
                for _ in range(3):
                    extract_facts(connection, order)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read, args=(keys[part:] + keys[:part],)) for part in (0, 5, 10, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert value(shard.admin, "select count(*) from record.fact") == 20 * len(facts(BODY).facts)


def test_several_processes_extract_the_same_as_one(shard: Shard) -> None:
    keys = [shard.bring_body(BODY) for _ in range(6)]
    poison = shard.bring_body(b"no document")
    assert extract_all_by_processes(shard.feed.source.conninfo, 2) == Done(7, 1)
    assert all(shard.facts(key)[:3] == HEAD for key in keys)
    assert shard.facts(poison) == []


def test_large_bodies_are_fetched_a_few_at_a_time(shard: Shard, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [shard.bring_body(BODY) for _ in range(4)]
    monkeypatch.setattr(extraction, "MOST_BYTES", len(BODY) * 2)
    with shard.connect_as_feed() as connection:
        assert extract_facts(connection, [*keys, DocumentKey(101, UUID(int=1))]) == Done(4, 0)
    assert all(shard.facts(key)[:3] == HEAD for key in keys)
