"""`/api/v1/record/timeline` as a site's system calls it: who may ask, on what ground, and what is audited."""

import datetime as dt
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from tests.authority_stand import ensure_identity, revoke_all
from tests.fix_region import HOSPITAL, POLYCLINIC, Citizen, RegionStand, new_snils
from tests.integration.region.record.asking import Doctor, SiteProgram, sign
from tests.integration.region.record.conftest import Patient, add_patient_of, apart, together
from trustmed.region.record.staff import Statements
from trustmed.schema import Place
from trustmed.statement import HEADER

TOKEN = "the sites' token"


def allow_client(region: RegionStand, token: str, scopes: list[str], organizations: list[int] | None) -> None:
    name = region.add_client(token, scopes)
    with region.admin(Place.REGISTRY) as connection:
        connection.execute("update access.client set organizations = %s where name = %s", (organizations, name))


@pytest.fixture
async def site(region: RegionStand) -> AsyncIterator[SiteProgram]:
    allow_client(region, TOKEN, ["record"], [HOSPITAL])
    async with region.web.client(SiteProgram) as client:
        client.region = region
        client.headers["authorization"] = f"Bearer {TOKEN}"
        yield client


def make_question(patient: Patient, **fields: Any) -> dict[str, Any]:
    return {
        **{"organization_id": HOSPITAL, "patient_id": str(patient.id), "ground": "treatment"},
        **fields,
    }


def audit_of(region: RegionStand, citizen: Citizen, place: Place = Place.REGISTRY) -> list[tuple]:
    return [(row[0], row[1], *row[4:]) for row in region.audit(place) if row[2] == citizen.id]


async def test_a_treating_doctor_reads_the_record_and_is_named_in_the_log(
    region: RegionStand, site: SiteProgram, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit()
    polyclinic.add_fact("allergy", "Пенициллин")
    answer = await site.ask(make_question(hospital))
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
    region: RegionStand, site: SiteProgram, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    hospital.add_visit(days_ago=400)
    polyclinic.add_visit()
    answer = await site.ask(make_question(hospital), headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "TreatmentNotFound"
    assert "consent" in answer.json()["detail"]
    assert audit_of(region, alice)[-1] == (
        *("record:timeline:read", "refused"),
        *(audit_of(region, alice)[-1][2], "treatment", "TreatmentNotFound"),
    )
    consent = await site.ask(make_question(hospital, ground="consent"))
    assert (consent.status_code, consent.json()["code"]) == (403, "ConsentNotFound")
    for reason in ("", "скорее", "1234567890 !!!"):
        short = await site.ask(make_question(hospital, ground="break_glass", reason=reason))
        assert (short.status_code, short.json()["code"]) == (403, "ReasonNeeded")
    assert [row[1] for row in audit_of(region, alice)] == ["refused"] * 5


async def test_emergency_access_keeps_the_typed_reason(
    region: RegionStand, site: SiteProgram, alice: Citizen, hospital: Patient
):
    hospital.add_visit(days_ago=400)
    reason = "Без сознания,  нужен список аллергий"
    answer = await site.ask(make_question(hospital, ground="break_glass", reason=reason))
    assert answer.status_code == 200, answer.text
    assert audit_of(region, alice)[-1][3:] == ("break_glass", "Без сознания, нужен список аллергий")


async def test_a_document_signed_at_the_organisation_is_also_a_ground(
    site: SiteProgram, alice: Citizen, hospital: Patient
):
    hospital.add_document(days_ago=2)
    answer = await site.ask(make_question(hospital))
    assert answer.status_code == 200


async def test_a_person_the_organisation_does_not_treat_is_opened_by_snils_only_in_an_emergency(
    region: RegionStand, site: SiteProgram, alice: Citizen, polyclinic: Patient
):
    polyclinic.add_visit()
    by_snils = make_question(polyclinic, patient_id=None, snils=alice.snils)
    assert (await site.ask(by_snils)).status_code == 403
    opened = await site.ask({**by_snils, "ground": "break_glass", "reason": "острая дыхательная недостаточность"})
    assert opened.status_code == 200
    assert len(opened.json()["events"]) == 1
    nobody = await site.ask(make_question(polyclinic, patient_id=None, snils=new_snils()))
    assert (nobody.status_code, nobody.json()["code"]) == (404, "PersonNotFound")


async def test_a_client_reads_only_within_its_scope_and_organisations(
    region: RegionStand, site: SiteProgram, hospital: Patient
):
    hospital.add_visit()
    foreign = await site.ask(make_question(hospital, organization_id=POLYCLINIC))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "NotItsOrganization")
    allow_client(region, "mute", ["record"], None)
    mute = await site.ask(make_question(hospital), headers={"authorization": "Bearer mute"})
    assert (mute.status_code, mute.json()["code"]) == (403, "NotItsOrganization")
    allow_client(region, "portal's", ["portal"], [HOSPITAL])
    other = await site.ask(make_question(hospital), headers={"authorization": "Bearer portal's"})
    assert (other.status_code, other.json()["code"]) == (403, "ScopeNeeded")
    nobody = await site.ask(make_question(hospital), headers={"authorization": ""})
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
        {"ground": "own"},
        {"stranger": 1},
    ],
)
@apart
async def test_a_malformed_question_is_refused(site: SiteProgram, hospital: Patient, fields: dict[str, Any]):
    hospital.add_visit()
    answer = await site.ask(make_question(hospital, **fields))
    assert answer.status_code == 422, answer.text


async def test_the_interface_filters_and_pages_events(site: SiteProgram, alice: Citizen, hospital: Patient):
    hospital.add_visit(days_ago=1)
    hospital.add_visit(days_ago=2)
    hospital.add_fact("vital", "Пульс", days_ago=3, value="60")
    first = (await site.ask(make_question(hospital, limit=2))).json()
    second = (await site.ask(make_question(hospital, limit=2, after=first["after"]))).json()
    assert [one["kind"] for one in first["events"] + second["events"]] == ["visit", "visit", "vital"]
    assert second["after"] is None
    vitals = (await site.ask(make_question(hospital, kinds=["vital"]))).json()
    assert [one["value"] for one in vitals["events"]] == ["60"]
    assert vitals["summary"] is None


@apart
async def test_with_the_shard_of_visits_away_only_people_of_the_sites_last_visits_are_opened_and_heads_are_told(
    region: RegionStand, site: SiteProgram, alice: Citizen, hospital: Patient, polyclinic: Patient
):
    allow_client(region, "both", ["record"], [HOSPITAL, POLYCLINIC])
    both = {"authorization": "Bearer both"}
    polyclinic.add_visit()
    hospital.add_visit()
    question = make_question(polyclinic, organization_id=POLYCLINIC)
    today = dt.datetime.now(dt.UTC).date()

    async def ask(day: dt.date | None = None, *, of_another: bool = True) -> Any:
        doctor = Doctor(visit_day=day, visit_is_of_another=of_another)
        return await site.ask(question, doctor=doctor, site="polyclinic", headers=both)

    whole = await ask()
    assert whole.json()["missing"] == []
    with region.stopped("apart"):
        stranger, long_ago = await ask(), await ask(today - dt.timedelta(days=31))
        told = await ask(today)
        own = await ask(today, of_another=False)
        polyclinic.add_document()
        known = await ask()
    for refused in (stranger, long_ago):
        assert (refused.status_code, refused.json()["code"]) == (503, "GroundUnclear")
        assert int(refused.headers["retry-after"]) > 0
    body = told.json()
    assert (told.status_code, body["ground"]["verified"], body["ground"]["narrow"]) == (200, False, False)
    assert [(one["part"], one["organizations"]) for one in body["missing"]] == [("apart_record2", [POLYCLINIC])]
    assert (own.json()["ground"]["verified"], own.json()["ground"]["narrow"]) == (False, True)
    assert known.json()["ground"]["verified"] is True
    marked = [row for row in audit_of(region, alice) if row[0] == "record:unverified:read"]
    assert len(marked) == 2
    assert "not verified: apart_record2 is away" in marked[0][4]
    with region.admin(Place.MPI) as connection:
        notices = connection.execute(
            "select distinct organization_id, reader_organization from mpi.break_glass where person_id = %s order by 1",
            (alice.id,),
        ).fetchall()
    assert notices == [(HOSPITAL, POLYCLINIC), (POLYCLINIC, POLYCLINIC)]


@apart
async def test_a_frozen_shard_opens_nobody_whatever_the_site_says_of_visits(
    region: RegionStand, site: SiteProgram, polyclinic: Patient
):
    allow_client(region, "both", ["record"], [HOSPITAL, POLYCLINIC])
    doctor = Doctor(visit_day=dt.datetime.now(dt.UTC).date(), visit_is_of_another=True)
    question = make_question(polyclinic, organization_id=POLYCLINIC)

    async def ask() -> Any:
        headers = {"authorization": "Bearer both"}
        return await site.ask(question, doctor=doctor, site="polyclinic", headers=headers)

    assert (await ask()).json()["code"] == "TreatmentNotFound"
    with region.frozen("apart"):
        answer = await ask()
    assert (answer.status_code, answer.json()["code"]) == (503, "GroundUnclear")


@apart
async def test_a_silent_registry_does_not_shut_the_sites_out(
    region: RegionStand, site: SiteProgram, alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    assert (await site.ask(make_question(hospital))).status_code == 200
    with region.admin(Place.REGISTRY) as connection, connection.transaction():
        region.web.disturb()
        connection.execute("lock table audit.access, access.client, mpi.patient_link in access exclusive mode")
        answer = await site.ask(make_question(hospital))
    assert answer.status_code == 200, answer.text
    assert [one["part"] for one in answer.json()["missing"]] == ["centre_registry"]
    assert len(answer.json()["events"]) == 1


async def test_a_patient_without_a_link_is_not_found(region: RegionStand, site: SiteProgram, hospital: Patient):
    answer = await site.ask(make_question(hospital, patient_id=str(uuid4())))
    assert (answer.status_code, answer.json()["code"]) == (404, "PersonNotFound")
    other = add_patient_of(region, region.add_citizen(), HOSPITAL)
    assert (await site.ask(make_question(other))).status_code == 403


@together
async def test_who_asks_is_what_the_site_has_signed_and_a_statement_serves_once(
    region: RegionStand, site: SiteProgram, alice: Citizen, hospital: Patient
):
    hospital.add_visit()
    identity = ensure_identity(region.topology, "hospital")
    body = msgspec.json.encode(make_question(hospital))
    other = msgspec.json.encode(make_question(hospital, limit=3))
    good = sign(body, identity)
    first, signature, chain = good.split(".")
    forged = sign(body, identity, Doctor(name="Другой Д. Д.")).split(".")[0]
    refused = {
        "another name": ".".join((forged, signature, chain)),
        "another question": sign(other, identity),
        "another address": sign(body, identity, path="/api/v1/record/content"),
        "an hour ago": sign(body, identity, at=int(time.time()) - 3600),
        "an hour ahead": sign(body, identity, at=int(time.time()) + 3600),
        "another site": sign(body, ensure_identity(region.topology, "polyclinic")),
        "a program": sign(body, ensure_identity(region.topology, "mis", "program")),
        "no chain": ".".join((first, signature, "")),
        "noise": "x" * 20_000,
    }
    for what, header in refused.items():
        answer = await site.send_signed(body, {HEADER: header})
        assert answer.status_code in (401, 403), (what, answer.text)
    nameless = await site.send_signed(body, {})
    assert (nameless.status_code, nameless.json()["code"]) == (401, "StatementMissing")
    assert (await site.send_signed(body, {HEADER: good})).status_code == 200
    again = await site.send_signed(body, {HEADER: good})
    assert (again.status_code, again.json()["code"]) == (401, "StatementSpent")
    site.app.state.statements = Statements(region.topology)  # as another process that has not seen it
    assert (await site.send_signed(body, {HEADER: good})).json()["code"] == "StatementSpent"
    assert {row[2].split(" (")[0] for row in audit_of(region, alice) if row[1] == "granted"} == {
        "Проверкин П. П., терапевт"
    }
    assert len([row for row in region.audit() if row[6] in ("StatementRefused", "StatementSpent")]) >= 5


@together
async def test_a_site_whose_certificate_is_revoked_is_refused(
    region: RegionStand, site: SiteProgram, hospital: Patient
):
    hospital.add_visit()
    assert (await site.ask(make_question(hospital))).status_code == 200
    identity = ensure_identity(region.topology, "hospital")
    revoke_all(region.topology, identity)
    refused = await site.ask(make_question(hospital))
    assert (refused.status_code, refused.json()["code"]) == (403, "PeerRevoked")
    revoke_all(region.topology)
    assert (await site.ask(make_question(hospital))).status_code == 200
