"""`/api/v1/record/timeline` as a site's system calls it: who may ask, on what ground, and what is audited."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from litestar.testing import AsyncTestClient

from tests.fix_region import HOSPITAL, POLYCLINIC, Citizen, RegionStand, new_snils
from tests.integration.region.record.conftest import Patient, add_patient_of, apart
from trustmed.schema import Place

TOKEN = "the sites' token"
PATH = "/api/v1/record/timeline"


def allow_client(region: RegionStand, token: str, scopes: list[str], organizations: list[int] | None) -> None:
    name = region.add_client(token, scopes)
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("update access.client set organizations = %s where name = %s", (organizations, name))


@pytest.fixture
async def site(region: RegionStand) -> AsyncIterator[AsyncTestClient]:
    allow_client(region, TOKEN, ["record"], [HOSPITAL])
    async with region.web.client(AsyncTestClient) as client:
        client.headers["authorization"] = f"Bearer {TOKEN}"
        yield client


def make_question(patient: Patient, **fields: Any) -> dict[str, Any]:
    return {
        **{"organization_id": HOSPITAL, "patient_id": str(patient.id), "ground": "treatment"},
        **{"doctor_name": "Проверкин П. П.", "doctor_position": "терапевт", "doctor_account": "proverkin"},
        **{"doctor_employee": str(uuid4()), **fields},
    }


def audit_of(region: RegionStand, citizen: Citizen, place: Place = Place.REGISTRY) -> list[tuple]:
    return [(row[0], row[1], *row[4:]) for row in region.audit(place) if row[2] == citizen.id]


async def test_a_treating_doctor_reads_the_record_and_is_named_in_the_log(
    region: RegionStand, site: AsyncTestClient, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit()
    polyclinic.add_fact("allergy", "Пенициллин")
    answer = await site.post(PATH, json=make_question(hospital))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["person_id"] == str(alice.id)
    assert body["ground"] == {"ground": "treatment", "verified": True, "narrow": False, "detail": None}
    assert {event["kind"] for event in body["events"]} == {"visit", "allergy"}
    assert [one["title"] for one in body["summary"]["allergies"]] == ["Пенициллин"]
    assert body["missing"] == []
    assert {one["id"]: one["title"] for one in body["organizations"]} == {
        HOSPITAL: "hospital",
        POLYCLINIC: "polyclinic",
    }
    row = audit_of(region, alice)[-1]
    assert row[:2] == ("record:timeline:read", "granted")
    assert row[2].startswith("Проверкин П. П., терапевт (client ")
    assert row[3] == "treatment"
    with region.admin(Place.REGISTRY) as connection:
        whose = connection.execute(
            "select organization_id, actor from audit.access where person_id = %s order by at desc limit 1", (alice.id,)
        ).fetchone()
    assert whose is not None
    assert whose[0] == HOSPITAL
    assert whose[1].endswith(":proverkin")


async def test_without_a_ground_reading_is_refused_with_advice_and_audited(
    region: RegionStand, site: AsyncTestClient, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit(days_ago=400)
    polyclinic.add_visit()
    answer = await site.post(PATH, json=make_question(hospital), headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "TreatmentNotFound"
    assert "consent" in answer.json()["detail"]
    assert audit_of(region, alice)[-1] == (
        *("record:timeline:read", "refused"),
        *(audit_of(region, alice)[-1][2], "treatment", "TreatmentNotFound"),
    )
    consent = await site.post(PATH, json=make_question(hospital, ground="consent"))
    assert (consent.status_code, consent.json()["code"]) == (403, "ConsentNotFound")
    for reason in ("", "скорее", "1234567890 !!!"):
        short = await site.post(PATH, json=make_question(hospital, ground="break_glass", reason=reason))
        assert (short.status_code, short.json()["code"]) == (403, "ReasonNeeded")
    assert [row[1] for row in audit_of(region, alice)] == ["refused"] * 5


async def test_emergency_access_keeps_the_typed_reason(
    region: RegionStand, site: AsyncTestClient, alice: Citizen, hospital: Patient
):
    hospital.add_visit(days_ago=400)
    reason = "Без сознания,  нужен список аллергий"
    answer = await site.post(PATH, json=make_question(hospital, ground="break_glass", reason=reason))
    assert answer.status_code == 200, answer.text
    assert audit_of(region, alice)[-1][3:] == ("break_glass", "Без сознания, нужен список аллергий")


async def test_a_document_signed_at_the_organisation_is_also_a_ground(
    site: AsyncTestClient, alice: Citizen, hospital: Patient
):
    hospital.add_document(days_ago=2)
    answer = await site.post(PATH, json=make_question(hospital))
    assert answer.status_code == 200


async def test_a_person_the_organisation_does_not_treat_is_opened_by_snils_only_in_an_emergency(
    region: RegionStand, site: AsyncTestClient, alice: Citizen, polyclinic: Patient
):
    polyclinic.add_visit()
    by_snils = make_question(polyclinic, patient_id=None, snils=alice.snils)
    assert (await site.post(PATH, json=by_snils)).status_code == 403
    opened = await site.post(
        PATH, json={**by_snils, "ground": "break_glass", "reason": "острая дыхательная недостаточность"}
    )
    assert opened.status_code == 200
    assert len(opened.json()["events"]) == 1
    nobody = await site.post(PATH, json=make_question(polyclinic, patient_id=None, snils=new_snils()))
    assert (nobody.status_code, nobody.json()["code"]) == (404, "PersonNotFound")


async def test_a_client_reads_only_within_its_scope_and_organisations(
    region: RegionStand, site: AsyncTestClient, hospital: Patient
):
    hospital.add_visit()
    foreign = await site.post(PATH, json=make_question(hospital, organization_id=POLYCLINIC))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "NotItsOrganization")
    allow_client(region, "mute", ["record"], None)
    mute = await site.post(PATH, json=make_question(hospital), headers={"authorization": "Bearer mute"})
    assert (mute.status_code, mute.json()["code"]) == (403, "NotItsOrganization")
    allow_client(region, "portal's", ["portal"], [HOSPITAL])
    other = await site.post(PATH, json=make_question(hospital), headers={"authorization": "Bearer portal's"})
    assert (other.status_code, other.json()["code"]) == (403, "ScopeNeeded")
    nobody = await site.post(PATH, json=make_question(hospital), headers={"authorization": ""})
    assert nobody.status_code == 401


@pytest.mark.parametrize(
    "fields",
    [
        {"kinds": ["x"]},
        {"since": "2026-01-01T00:00:00"},
        {"since": "2026-01-02T00:00:00Z", "before": "2026-01-01T00:00:00Z"},
        {"limit": 0},
        {"limit": 201},
        {"snils": "11223344595"},
        {"patient_id": None},
        {"patient_id": "1"},
        {"after": "x"},
        {"text": "\x00"},
        {"organizations": [1 << 40]},
        {"doctor_name": ""},
        {"ground": "own"},
        {"stranger": 1},
    ],
)
@apart
async def test_a_malformed_question_is_refused(site: AsyncTestClient, hospital: Patient, fields: dict[str, Any]):
    hospital.add_visit()
    answer = await site.post(PATH, json=make_question(hospital, **fields))
    assert answer.status_code == 422, answer.text


async def test_the_interface_filters_and_pages_events(site: AsyncTestClient, alice: Citizen, hospital: Patient):
    hospital.add_visit(days_ago=1)
    hospital.add_visit(days_ago=2)
    hospital.add_fact("vital", "Пульс", days_ago=3, value="60")
    first = (await site.post(PATH, json=make_question(hospital, limit=2))).json()
    second = (await site.post(PATH, json=make_question(hospital, limit=2, after=first["after"]))).json()
    assert [one["kind"] for one in first["events"] + second["events"]] == ["visit", "visit", "vital"]
    assert second["after"] is None
    vitals = (await site.post(PATH, json=make_question(hospital, kinds=["vital"]))).json()
    assert [one["value"] for one in vitals["events"]] == ["60"]
    assert vitals["summary"] is None


@apart
async def test_with_the_readers_own_shard_down_a_ground_known_elsewhere_opens_the_rest(
    region: RegionStand, site: AsyncTestClient, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    allow_client(region, "both", ["record"], [HOSPITAL, POLYCLINIC])
    polyclinic.add_visit()
    hospital.add_visit()
    question = make_question(polyclinic, organization_id=POLYCLINIC)
    whole = await site.post(PATH, json=question, headers={"authorization": "Bearer both"})
    assert whole.json()["missing"] == []
    with region.stopped("apart"):
        unclear = await site.post(PATH, json=question, headers={"authorization": "Bearer both"})
        polyclinic.add_document()
        answer = await site.post(PATH, json=question, headers={"authorization": "Bearer both"})
    assert (unclear.status_code, unclear.json()["code"]) == (503, "GroundUnclear")
    assert int(unclear.headers["retry-after"]) > 0
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert body["ground"]["verified"] is True
    assert [(one["part"], one["organizations"]) for one in body["missing"]] == [("apart_record2", [POLYCLINIC])]
    assert {event["kind"] for event in body["events"]} == {"visit", "document"}


@apart
async def test_a_silent_registry_does_not_shut_the_sites_out(
    region: RegionStand, site: AsyncTestClient, alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    assert (await site.post(PATH, json=make_question(hospital))).status_code == 200
    with region.admin(Place.REGISTRY) as connection, connection.transaction():
        region.web.disturb()
        connection.execute("lock table audit.access, access.client, mpi.patient_link in access exclusive mode")
        answer = await site.post(PATH, json=make_question(hospital))
    assert answer.status_code == 200, answer.text
    assert [one["part"] for one in answer.json()["missing"]] == ["centre_registry"]
    assert len(answer.json()["events"]) == 1


async def test_a_patient_without_a_link_is_not_found(region: RegionStand, site: AsyncTestClient, hospital: Patient):
    answer = await site.post(PATH, json=make_question(hospital, patient_id=str(uuid4())))
    assert (answer.status_code, answer.json()["code"]) == (404, "PersonNotFound")
    other = add_patient_of(region, region.add_citizen(), HOSPITAL)
    assert (await site.post(PATH, json=make_question(other))).status_code == 403
