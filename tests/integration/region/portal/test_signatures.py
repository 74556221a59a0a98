"""GET /portal/v1/documents/{id}/signatures and /signatures/{n}"""

import pytest
from litestar.testing import AsyncTestClient
from tests.fix_region import RegionStand, Signed

from trustmed.schema import Place


def path(signed: Signed) -> str:
    return f"/portal/v1/documents/{signed.id}/signatures"


async def test_signatures_are_listed_with_the_doctors_first(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    answer = await portal.get(path(signed), headers={"as-citizen": alice.snils})
    assert answer.status_code == 200
    found = answer.json()["signatures"]
    assert [(one["number"], one["role"]) for one in found] == [(1, "doctor"), (2, "organization")]
    assert "snils" not in answer.text
    assert region.audit(Place.RECORD)[-1][:4] == ("record:signatures:read", "granted", alice.id, signed.id)


@pytest.mark.parametrize(("number", "content"), [(1, b"cms of the doctor"), (2, b"cms of the organization")])
async def test_a_signature_is_returned_byte_for_byte(
    region: RegionStand, portal: AsyncTestClient, number: int, content: bytes
):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    answer = await portal.get(f"{path(signed)}/{number}", headers={"as-citizen": alice.snils})
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "application/pkcs7-signature"
    assert answer.headers["content-disposition"] == f'attachment; filename="{signed.id}.{number}.p7s"'


@pytest.mark.parametrize("number", ["0", "3", "-1"])
async def test_an_unknown_signature_number_is_not_found(region: RegionStand, portal: AsyncTestClient, number: str):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice))
    answer = await portal.get(f"{path(signed)}/{number}", headers={"as-citizen": alice.snils})
    assert (answer.status_code, answer.json()["code"]) == (404, "SignatureMissing")


async def test_another_persons_signatures_are_not_found(region: RegionStand, portal: AsyncTestClient):
    alice, boris = region.add_citizen(), region.add_citizen()
    his = region.sign(region.add_patient(boris))
    for address in (path(his), f"{path(his)}/1"):
        answer = await portal.get(address, headers={"as-citizen": alice.snils})
        assert (answer.status_code, answer.json()["code"]) == (404, "DocumentNotFound")


async def test_signatures_are_reported_in_transit_until_all_arrive(region: RegionStand, portal: AsyncTestClient):
    alice = region.add_citizen()
    signed = region.sign(region.add_patient(alice), body_arrived=False)
    answer = await portal.get(path(signed), headers={"as-citizen": alice.snils})
    assert (answer.status_code, answer.json()["code"]) == (409, "StillInTransit")
    assert "retry-after" in answer.headers
