"""GET /portal/v1/documents/{id}/content"""

import asyncio
import time
from base64 import b64encode
from hashlib import sha256

import psycopg
import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand, Signed
from tests.waiting import health_says

from trustmed.schema import Place


def path(signed: Signed) -> str:
    return f"/portal/v1/documents/{signed.id}/content"


@pytest.mark.parametrize("organization_id", [HOSPITAL, POLYCLINIC])
async def test_a_body_of_either_shard_is_returned_byte_for_byte(
    region: RegionStand, portal: AsyncTestClient, organization_id: int
):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice, organization_id), organization_id)

    answer = await portal.get(path(signed), headers={"as-citizen": alice.snils})

    assert answer.status_code == 200
    assert answer.content == signed.body
    digest = sha256(signed.body)
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.headers["etag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["repr-digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
    assert answer.headers["content-disposition"] == f'attachment; filename="{signed.id}.xml"'


@pytest.mark.parametrize("body", [b"\x00\xff\r\n\x1a", "кириллица\r".encode("cp1251"), b"x" * 3_000_000])
async def test_odd_and_large_bodies_are_returned_unchanged(region: RegionStand, portal: AsyncTestClient, body: bytes):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice), body=body)
    answer = await portal.get(path(signed), headers={"as-citizen": alice.snils})
    assert answer.content == body


async def test_a_body_the_caller_already_has_is_not_sent_again(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    tag = f'"{sha256(signed.body).hexdigest()}"'
    for given, status in ((tag, 304), (f'W/"x", {tag}', 304), ("*", 304), ('"x"', 200)):
        answer = await portal.get(path(signed), headers={"as-citizen": alice.snils, "if-none-match": given})
        assert (answer.status_code, answer.content) == (status, b"" if status == 304 else signed.body)
        assert answer.headers["etag"] == tag


async def test_a_reading_is_audited_at_the_registry_and_on_the_shard(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    await portal.get(path(signed), headers={"as-citizen": alice.snils})
    rows = {row[:4] for place in (Place.REGISTRY, Place.RECORD) for row in region.audit(place) if row[3] == signed.id}
    assert rows == {
        ("registry:document:read", "granted", alice.id, signed.id),
        ("record:body:read", "granted", alice.id, signed.id),
    }


async def test_another_persons_body_is_not_found(region: RegionStand, portal: AsyncTestClient):
    alice, boris = region.add_citizen(), region.add_citizen()
    his = region.sign(region.add_patient(boris))
    answer = await portal.get(path(his), headers={"as-citizen": alice.snils})
    assert answer.status_code == 404
    assert his.body not in answer.content


async def test_a_body_is_reported_in_transit_until_it_arrives(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice), body_arrived=False)

    early = await portal.get(path(signed), headers={"as-citizen": alice.snils})
    assert (early.status_code, early.json()["code"]) == (409, "StillInTransit")
    assert int(early.headers["retry-after"]) > 0
    assert "ещё передаётся" in early.json()["detail"]
    assert early.json()["title"] == "Сейчас нельзя"
    assert region.audit(Place.RECORD)[-1][:4] == ("record:body:read", "not_found", alice.id, signed.id)

    region.bring_body(signed)
    assert (await portal.get(path(signed), headers={"as-citizen": alice.snils})).content == signed.body


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_a_body_whose_patient_link_the_shard_lacks_is_reported_in_transit(
    region: RegionStand, portal: AsyncTestClient
):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice, on_shard=False))
    answer = await portal.get(path(signed), headers={"as-citizen": alice.snils})
    assert answer.status_code == 409


async def test_bytes_that_differ_from_the_registered_digest_are_never_returned(
    region: RegionStand, portal: AsyncTestClient
):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice), registered_sha256=sha256(b"other bytes").digest())
    answer = await portal.get(path(signed), headers={"as-citizen": alice.snils})
    assert (answer.status_code, answer.json()["code"]) == (500, "BodyDiffers")
    assert signed.body not in answer.content
    assert region.audit(Place.RECORD)[-1] == (
        *("record:body:read", "refused", alice.id, signed.id, "portal", "own", "BodyDiffers; sub 1000299654"),
    )


async def test_bytes_damaged_on_the_shard_are_never_returned(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    with region.admin(Place.RECORD) as connection:
        damage(connection, signed)
    answer = await portal.get(path(signed), headers={"as-citizen": alice.snils})
    assert (answer.status_code, answer.json()["code"]) == (500, "BodyDiffers")


def damage(connection: psycopg.Connection, signed: Signed) -> None:
    """Do what a broken disk could: change content under its checksum."""
    with connection.transaction():
        connection.execute("alter table record.document_body drop constraint document_body_check")
        connection.execute(
            "update record.document_body set content = content || 'x' where document_id = %s", (signed.id,)
        )
        connection.execute(
            "alter table record.document_body add constraint document_body_check check (sha256(content) = sha256)"
            " not valid"
        )


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_with_a_shard_down_the_list_works_and_the_body_names_the_missing_part(
    region: RegionStand, portal: AsyncTestClient
):
    alice = region.add_citizen()
    here = region.sign(region.add_patient(alice, HOSPITAL), HOSPITAL)
    there = region.sign(region.add_patient(alice, POLYCLINIC), POLYCLINIC)
    headers = {"as-citizen": alice.snils}
    with region.stopped("apart"):
        listed = await portal.get("/portal/v1/documents", headers=headers)
        assert {document["id"] for document in listed.json()["documents"]} == {str(here.id), str(there.id)}
        assert (await portal.get(path(here), headers=headers)).content == here.body
        missing = await portal.get(path(there), headers=headers)
        assert (missing.status_code, missing.json()["code"]) == (503, "PartMissing")
        assert "apart_record2" in missing.json()["detail"]
        assert int(missing.headers["retry-after"]) > 0
    # It comes back by itself: the pool looks for the server again every second or two.
    deadline = time.monotonic() + 60
    while (answer := await portal.get(path(there), headers=headers)).status_code == 503:
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.1)
    assert answer.content == there.body


@pytest.mark.parametrize("region", ["apart"], indirect=True)
async def test_a_frozen_shard_is_named_and_holds_up_no_other_request(
    region: RegionStand, portal: AsyncTestClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("trustmed.region.pools.PATIENCE_SECONDS", 1.0)
    alice = region.add_citizen()
    there = region.sign(region.add_patient(alice, POLYCLINIC), POLYCLINIC)
    headers = {"as-citizen": alice.snils}
    assert (await portal.get(path(there), headers=headers)).status_code == 200
    with region.frozen("apart"):
        for _ in range(2):
            async with asyncio.timeout(60):  # a frozen server itself never answers
                missing = await portal.get(path(there), headers=headers)
            assert (missing.status_code, missing.json()["code"]) == (503, "PartMissing")
            assert "apart_record2" in missing.json()["detail"]
            assert (await health_says(portal, "apart_record2", "degraded"))["state"] == "degraded"
        assert (await portal.get("/portal/v1/documents", headers=headers)).status_code == 200
    deadline = time.monotonic() + 60
    while (answer := await portal.get(path(there), headers=headers)).status_code == 503:
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.1)
    assert answer.content == there.body


async def test_requests_wait_for_a_busy_database(
    region: RegionStand, portal: AsyncTestClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("trustmed.region.pools.WAIT_SECONDS", 0.02)
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice), body=b"x" * 2_000_000)
    answers = await asyncio.gather(*(portal.get(path(signed), headers={"as-citizen": alice.snils}) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
