"""GET /portal/v1/documents/{id}"""

from uuid import uuid4

from litestar.testing import AsyncTestClient
from tests.fix_region import RegionStand


async def test_a_documents_card_is_returned_before_its_body_arrives(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice), body_arrived=False)

    answer = await portal.get(f"/portal/v1/documents/{signed.id}", headers={"as-citizen": alice.snils})

    assert answer.status_code == 200
    assert answer.json()["id"] == str(signed.id)
    assert answer.json()["size_bytes"] == len(signed.body)
    assert region.audit()[-1] == (
        "registry:document:read",
        "granted",
        alice.id,
        signed.id,
        "portal",
        "own",
        "sub 1000299654",
    )


async def test_another_persons_document_is_not_found_and_the_attempt_is_audited(
    region: RegionStand, portal: AsyncTestClient
):
    alice, boris = region.add_citizen(), region.add_citizen()
    region.add_patient(alice)
    his = region.sign(region.add_patient(boris))

    answer = await portal.get(f"/portal/v1/documents/{his.id}", headers={"as-citizen": alice.snils})
    nobodys = await portal.get(f"/portal/v1/documents/{uuid4()}", headers={"as-citizen": alice.snils})

    assert (answer.status_code, answer.json()["code"]) == (404, "DocumentNotFound")
    assert answer.json()["detail"].replace(str(his.id), "") == nobodys.json()["detail"].replace(
        nobodys.url.path[-36:], ""
    )
    rows = [row for row in region.audit() if row[3] == his.id]
    assert rows == [
        ("registry:document:read", "not_found", alice.id, his.id, "portal", "own", "DocumentNotFound; sub 1000299654")
    ]


async def test_a_caller_with_an_unknown_snils_gets_the_same_not_found(region: RegionStand, portal: AsyncTestClient):
    boris = region.add_citizen()
    his = region.sign(region.add_patient(boris))
    answer = await portal.get(f"/portal/v1/documents/{his.id}", headers={"as-citizen": "112-233-445 95"})
    assert (answer.status_code, answer.json()["code"]) == (404, "DocumentNotFound")
    assert region.audit()[-1][1:4] == ("not_found", None, his.id)


async def test_a_malformed_id_is_not_found(portal: AsyncTestClient):
    answer = await portal.get("/portal/v1/documents/7", headers={"as-citizen": "112-233-445 95"})
    assert answer.status_code == 404


async def test_a_document_of_an_unlinked_patient_is_no_longer_found(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    path, headers = f"/portal/v1/documents/{signed.id}", {"as-citizen": alice.snils}
    assert (await portal.get(path, headers=headers)).status_code == 200
    region.unlink(signed.patient_id)
    assert (await portal.get(path, headers=headers)).status_code == 404
