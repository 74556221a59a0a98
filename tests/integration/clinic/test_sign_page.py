"""Signing by page with files made by the doctor's own tool."""

from typing import Any

from tests.fix_site import Client, SiteStand
from tests.integration.clinic.test_session import token_field


async def send_files(client: Client, site: SiteStand, draft: dict[str, Any], doctor: bytes, sha256: str = "") -> Any:
    content = (await client.get(f"/drafts/{draft['id']}/content")).content
    files = {
        "doctor": ("d.p7s", doctor or site.doctors_key().sign(content)),
        "organization": ("o.p7s", site.organizations_key.sign(content)),
    }
    given = await token_field(client, f"/drafts/{draft['id']}/preview") | {"method": "files", "sha256": sha256}
    return await client.post(f"/drafts/{draft['id']}/sign", data=given, files=files, follow_redirects=False)


async def test_a_document_is_signed_with_uploaded_files(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    answer = await send_files(doctor, site, draft, b"", draft["sha256"])
    assert (answer.status_code, answer.headers["location"]) == (303, f"/documents/{draft['id']}?signed=1")
    page = await doctor.get(f"/documents/{draft['id']}")
    assert "Подпись организации" in page.text
    assert site.audit("document:card:read")[-1].outcome == "granted"


async def test_the_refusal_says_which_signature_and_why(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    answer = await send_files(doctor, site, draft, site.doctors_key("colleague").sign(b"another text"))
    assert answer.status_code == 422
    assert "Подпись врача" in answer.text
    assert "хеш содержимого не совпадает" in answer.text


async def test_without_software_keys_the_page_does_not_offer_to_sign_with_them(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    key = site.secrets / "keys" / f"{site.people['doctor'].snils}.pem"
    aside = key.rename(key.with_suffix(".aside"))
    page = await doctor.get(f"/drafts/{draft['id']}/preview")
    answer = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
    aside.rename(key)
    assert 'value="software"' not in page.text
    assert (answer.status_code, answer.json()["code"]) == (422, "NoSoftwareKey")
