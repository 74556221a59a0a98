"""GET /portal/v1/documents"""

from datetime import timedelta
from hashlib import sha256

import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import HOSPITAL, NOON, POLYCLINIC, RegionStand

PATH = "/portal/v1/documents"


async def test_a_persons_document_is_listed(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))

    answer = await portal.get(PATH, headers={"as-citizen": alice.snils})

    assert answer.status_code == 200
    (document,) = answer.json()["documents"]
    assert document["id"] == str(signed.id)
    assert document["organization"]["oid"] == "1.2.643.5.1.13.13.12.2.99.101"
    assert document["sha256"] == sha256(signed.body).hexdigest()
    assert answer.json()["after"] is None


async def test_each_listing_is_audited(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    region.sign(region.add_patient(alice))
    await portal.get(PATH, headers={"as-citizen": alice.snils})
    await portal.get(PATH, headers={"as-citizen": alice.snils})
    rows = [row for row in region.audit() if row[2] == alice.id]
    assert rows == [("registry:documents:list", "granted", alice.id, None, "portal", "own", "sub 1000299654")] * 2


async def test_another_persons_documents_are_never_listed(region: RegionStand, portal: AsyncTestClient):
    alice, boris = region.add_citizen(), region.add_citizen()
    hers = region.sign(region.add_patient(alice))
    region.sign(region.add_patient(boris))
    answer = await portal.get(PATH, headers={"as-citizen": alice.snils})
    assert [document["id"] for document in answer.json()["documents"]] == [str(hers.id)]


async def test_documents_of_all_organisations_are_listed_newest_first(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    first, second = region.add_patient(alice, HOSPITAL), region.add_patient(alice, POLYCLINIC)
    signed = [
        region.sign(patient, organization, created_at=NOON + timedelta(days=day))
        for day, (patient, organization) in enumerate([(first, HOSPITAL), (second, POLYCLINIC)] * 2)
    ]
    answer = await portal.get(PATH, headers={"as-citizen": alice.snils})
    assert [document["id"] for document in answer.json()["documents"]] == [str(one.id) for one in reversed(signed)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_join_without_gaps_or_repeats(region: RegionStand, portal: AsyncTestClient, limit: int):
    alice = region.add_citizen()
    patients = ((region.add_patient(alice, HOSPITAL), HOSPITAL), (region.add_patient(alice, POLYCLINIC), POLYCLINIC))
    made = {
        str(region.sign(patient, organization, created_at=NOON + timedelta(days=day // 2)).id)
        for day in range(3)
        for patient, organization in patients
    }
    seen: list[str] = []
    after = None
    while True:
        parameters = {"limit": limit} | ({"after": after} if after else {})
        answer = await portal.get(PATH, params=parameters, headers={"as-citizen": alice.snils})
        page = answer.json()
        assert len(page["documents"]) <= limit
        seen += [document["id"] for document in page["documents"]]
        after = page["after"]
        if after is None:
            break
    assert len(seen) == len(made)
    assert set(seen) == made


async def test_documents_are_filtered_by_kind_and_date(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    early = region.sign(patient, created_at=NOON)
    late = region.sign(patient, created_at=NOON + timedelta(days=1), kind="75")

    async def ids(**narrowing: str) -> list[str]:
        answer = await portal.get(PATH, params=narrowing, headers={"as-citizen": alice.snils})
        assert answer.status_code == 200, answer.text
        return [document["id"] for document in answer.json()["documents"]]

    assert await ids(kind="75") == [str(late.id)]
    assert await ids(**{"from": late_day()}) == [str(late.id)]
    assert await ids(to=late_day()) == [str(early.id)]
    assert await ids(to=NOON.isoformat()) == []
    assert await ids(**{"from": NOON.isoformat(), "to": late_day()}) == [str(early.id)]


def late_day() -> str:
    return (NOON + timedelta(days=1)).isoformat()


async def test_an_unknown_snils_gives_an_empty_list_and_an_audit_row(region: RegionStand, portal: AsyncTestClient):
    before = len(region.audit())
    answer = await portal.get(PATH, headers={"as-citizen": "112-233-445 95"})
    assert (answer.status_code, answer.json()) == (200, {"documents": [], "after": None})
    (row,) = region.audit()[before:]
    assert row == ("registry:documents:list", "not_found", None, None, "portal", "own", "PersonUnknown; sub 1000299654")


async def test_a_snils_in_the_address_or_a_header_names_nobody(region: RegionStand, portal: AsyncTestClient):
    alice, boris = region.add_citizen(), region.add_citizen()
    region.sign(region.add_patient(alice))
    query, headers = {"snils": alice.snils}, {"x-person-snils": alice.snils}
    answer = await portal.get(PATH, params=query, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "CitizenTokenRefused")
    his = await portal.get(PATH, params=query, headers={**headers, "as-citizen": boris.snils})
    assert his.json()["documents"] == []


@pytest.mark.parametrize("after", ["x", "ы", "AAAA", "f" + "_" * 31])
async def test_a_made_up_cursor_is_refused(region: RegionStand, portal: AsyncTestClient, after: str):
    alice = region.add_citizen()
    answer = await portal.get(PATH, params={"after": after}, headers={"as-citizen": alice.snils})
    assert (answer.status_code, answer.json()["code"]) == (422, "CursorRefused")


@pytest.mark.parametrize("limit", ["0", "201", "ten"])
async def test_a_wrong_limit_is_refused(portal: AsyncTestClient, limit: str):
    answer = await portal.get(PATH, params={"limit": limit}, headers={"as-citizen": "112-233-445 95"})
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("moment", ["", "yesterday", "0001-01-01T00:00:00", "2026-11-05T00:00:00 03:00", "2026-13-01"])
async def test_a_malformed_moment_is_refused_with_its_parameter_named(portal: AsyncTestClient, name: str, moment: str):
    answer = await portal.get(PATH, params={name: moment}, headers={"as-citizen": "112-233-445 95"})
    assert (answer.status_code, answer.json()["code"]) == (422, "MomentRefused")
    assert f"Параметр {name} " in answer.json()["detail"]


async def test_a_kind_with_a_null_character_is_refused(region: RegionStand, portal: AsyncTestClient):
    answer = await portal.get(PATH, params={"kind": "119\0"}, headers={"as-citizen": region.add_citizen().snils})
    assert (answer.status_code, answer.json()["code"]) == (422, "KindRefused")


async def test_a_cursor_does_not_lead_past_the_last_day_asked_for(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    patient = region.add_patient(alice)
    for day in range(3):
        region.sign(patient, created_at=NOON + timedelta(days=day))
    headers = {"as-citizen": alice.snils}
    newest = (await portal.get(PATH, params={"limit": "1"}, headers=headers)).json()
    page = await portal.get(PATH, params={"after": newest["after"], "to": late_day()}, headers=headers)
    assert [document["created_at"][:10] for document in page.json()["documents"]] == ["2026-11-05"]


async def test_head_is_get_without_the_body(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    region.sign(region.add_patient(alice))
    headers = {"as-citizen": alice.snils}
    got, head = await portal.get(PATH, headers=headers), await portal.head(PATH, headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
