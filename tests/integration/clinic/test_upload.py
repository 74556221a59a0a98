"""POST /api/v1/documents/upload: a document made and signed elsewhere."""

import re
from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.fix_site import Client, SiteStand
from tests.integration.clinic.test_sign import only_list, signature


async def make_document_elsewhere(site: SiteStand, doctor: Client) -> tuple[str, bytes]:
    """Return a visit and a document about its patient under an id that this site never previewed."""
    draft = await doctor.preview(site)
    content = (await doctor.get(f"/api/v1/documents/{draft['id']}/content")).content
    return draft["visit_id"], content.replace(draft["id"].encode(), str(uuid4()).encode())


async def upload(site: SiteStand, client: Client, visit_id: str, content: bytes) -> Any:
    given = [
        signature("doctor", site.doctors_key().sign(content or b" ")),
        signature("organization", site.organizations_key.sign(content or b" ")),
    ]
    request = {"visit_id": visit_id, "content": b64encode(content).decode(), "signatures": given}
    return await client.post("/api/v1/documents/upload", json=request)


async def test_uploading_a_document_again_returns_the_same_answer(site: SiteStand, doctor: Client) -> None:
    visit_id, content = await make_document_elsewhere(site, doctor)
    first, second = await upload(site, doctor, visit_id, content), await upload(site, doctor, visit_id, content)
    assert first.status_code == 200, first.text
    assert first.text == second.text
    kept = await doctor.get(f"/api/v1/documents/{first.json()['id']}/content")
    assert kept.content == content


async def test_an_upload_by_too_old_a_list_is_refused_with_its_age(site: SiteStand, doctor: Client) -> None:
    visit_id, content = await make_document_elsewhere(site, doctor)
    with only_list(site, timedelta(days=31)):
        answer = await upload(site, doctor, visit_id, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "RevocationListOld")
    assert "31 д" in answer.json()["detail"] or "31 days" in answer.json()["detail"]


async def test_other_bytes_under_the_id_are_refused(site: SiteStand, doctor: Client) -> None:
    visit_id, content = await make_document_elsewhere(site, doctor)
    assert (await upload(site, doctor, visit_id, content)).status_code == 200
    answer = await upload(site, doctor, visit_id, content.replace(b"<title>", b"<title> "))
    assert (answer.status_code, answer.json()["code"]) == (422, "OtherDocument")
    assert [entry.outcome for entry in site.audit("document:content:upload")[-2:]] == ["granted", "refused"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda body: b"", "EmptyDocument"),
        (lambda body: b" " * 20_000_001, "DocumentTooLarge"),
        (lambda body: b"%PDF-1.7", "NotXml"),
        (lambda body: b"<a/>", "NotClinicalDocument"),
        (lambda body: body.replace(b"13.12.2.77.101", b"13.12.2.77.102"), "HeaderDisagrees"),
        (lambda body: b"<!DOCTYPE a>" + body.partition(b"?>")[2], "HasDoctype"),
        (
            lambda body: re.sub(rb'<effectiveTime value="\d+', b'<effectiveTime value="20269999', body),
            "HeaderDisagrees",
        ),
    ],
    ids=["empty", "over 20 MB", "not XML", "not a document", "another organisation", "doctype", "no such day"],
)
async def test_a_malformed_or_foreign_document_is_refused(
    site: SiteStand, doctor: Client, change: Any, code: str
) -> None:
    visit_id, content = await make_document_elsewhere(site, doctor)
    before = site.count("record.document_body")
    answer = await upload(site, doctor, visit_id, change(content))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert site.count("record.document_body") == before
    assert site.audit("document:content:upload")[-1].outcome == "refused"
    with site.admin() as connection:
        query = "select document_id from record.visit_document where visit_id = %s"
        assert connection.execute(query, (visit_id,)).fetchall() == []


async def test_a_document_of_almost_20_mb_is_accepted(site: SiteStand, doctor: Client) -> None:
    visit_id, content = await make_document_elsewhere(site, doctor)
    attachment = b"<text>" + b"QUJD" * 4_900_000 + b"</text></ClinicalDocument>"
    answer = await upload(site, doctor, visit_id, content.replace(b"</ClinicalDocument>", attachment))
    assert answer.status_code == 200, answer.text
    kept = await doctor.get(f"/api/v1/documents/{answer.json()['id']}/content")
    assert len(kept.content) == answer.json()["size_bytes"] > 19_600_000


async def test_only_the_visits_doctor_can_upload_to_it(site: SiteStand, doctor: Client) -> None:
    visit_id, content = await make_document_elsewhere(site, doctor)
    colleague = await doctor.sign_in("colleague")
    answer = await upload(site, colleague, visit_id, content)
    assert (answer.status_code, answer.json()["code"]) == (422, "HeaderDisagrees")
    stranger = await doctor.sign_in("stranger")
    assert (await upload(site, stranger, visit_id, content)).status_code == 404
