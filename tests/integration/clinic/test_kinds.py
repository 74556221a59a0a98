"""A kind of documents that only KINDS knows of is written, checked, signed, uploaded and read like any other."""

from typing import Any
from uuid import uuid4

import pytest

from tests.fix_site import Client, SiteStand
from tests.integration.clinic.test_session import token_field
from tests.integration.clinic.test_upload import upload
from tests.kind_sample import NOTE
from trustmed.schema import Place
from trustmed.semd.kinds import KINDS


@pytest.fixture(autouse=True)
def add_note_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, NOTE.number, NOTE)


async def start_visit(site: SiteStand, doctor: Client) -> str:
    answer = await doctor.post("/api/v1/visits", json={"patient_id": str(site.patient)})
    return answer.json()["id"]


async def preview_note(site: SiteStand, doctor: Client, **entered: Any) -> Any:
    request = {"visit_id": await start_visit(site, doctor), "kind": NOTE.number, "form": entered}
    return await doctor.post("/api/v1/documents", json=request)


async def test_a_note_is_signed_through_the_pages(site: SiteStand, doctor: Client) -> None:
    visit = f"/visits/{await start_visit(site, doctor)}"
    page = await doctor.get(visit)
    assert [f'value="{number}"' in page.text for number in KINDS] == [True] * len(KINDS)
    given = await token_field(doctor, visit) | {"kind": NOTE.number}
    begun = await doctor.post(f"{visit}/documents", data=given, follow_redirects=False)
    draft = begun.headers["location"]
    page = await doctor.get(draft)
    assert "<h1>Пробная заметка</h1>" in page.text
    assert 'name="note"' in page.text
    assert "complaints" not in page.text
    given = await token_field(doctor, draft) | {"action": "preview", "place": "2"}
    wrong = await doctor.post(draft, data=given | {"note": " "})
    assert (wrong.status_code, 'id="wrong-note"' in wrong.text) == (422, True)
    built = await doctor.post(draft, data=given | {"note": "Пришёл\nи ушёл"}, follow_redirects=False)
    assert built.headers["location"] == f"{draft}/preview"
    assert "Пробная заметка" in (await doctor.get(visit)).text
    given = await token_field(doctor, f"{draft}/preview") | {"method": "software"}
    signed = await doctor.post(f"{draft}/sign", files={"x": b""}, data=given, follow_redirects=False)
    assert signed.status_code == 303, signed.text
    document = await doctor.get(signed.headers["location"])
    assert 'Пришёл<br class="semd-br">и ушёл' in document.text
    with site.admin(Place.DOCUMENTS) as connection:
        query = "select kind from registry.document where id = %s"
        assert connection.execute(query, (draft.rpartition("/")[2],)).fetchone() == (NOTE.number,)


async def test_a_note_is_signed_through_the_interface(site: SiteStand, doctor: Client) -> None:
    draft = await preview_note(site, doctor, note="Пришёл и ушёл")
    assert draft.status_code == 201, draft.text
    signed = await doctor.post(f"/api/v1/documents/{draft.json()['id']}/sign", json={"method": "software"})
    assert (signed.status_code, signed.json()["kind"]) == (200, NOTE.number)


@pytest.mark.parametrize(
    ("entered", "code", "word"),
    [
        ({"note": 5}, "RequestRefused", "form.note"),
        ({"note": ""}, "FieldRefused", "Заметка"),
        ({"note": "x", "place": "99"}, "DossierIncomplete", "Где"),
    ],
)
async def test_a_note_is_checked_by_the_form_of_its_kind(
    site: SiteStand, doctor: Client, entered: dict[str, Any], code: str, word: str
) -> None:
    answer = await preview_note(site, doctor, **entered)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert word in answer.json()["detail"]


async def test_a_note_made_elsewhere_is_uploaded(site: SiteStand, doctor: Client) -> None:
    draft = (await preview_note(site, doctor, note="Пришёл и ушёл")).json()
    content = (await doctor.get(f"/api/v1/documents/{draft['id']}/content")).content
    elsewhere = content.replace(draft["id"].encode(), str(uuid4()).encode())
    visit = await start_visit(site, doctor)
    taken = await upload(site, doctor, visit, elsewhere)
    assert (taken.status_code, taken.json()["kind"]) == (200, NOTE.number), taken.text
    unknown = await upload(site, doctor, visit, elsewhere.replace(b"1.2.3.9001", b"1.2.3.9002"))
    assert (unknown.status_code, unknown.json()["code"]) == (422, "HeaderDisagrees")


async def test_a_draft_of_an_unknown_kind_is_refused(site: SiteStand, doctor: Client) -> None:
    request = {"visit_id": await start_visit(site, doctor), "kind": "9002", "form": {}}
    answer = await doctor.post("/api/v1/documents", json=request)
    assert (answer.status_code, answer.json()["code"]) == (422, "KindUnknown")
