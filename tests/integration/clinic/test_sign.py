"""POST /api/v1/documents/{id}/sign: accepted signatures, and refusals that store nothing."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.fix_site import FORM, Client, SiteStand
from trustmed.clinic.link.view import LinkView
from trustmed.clinic.site import Clinic
from trustmed.schema import Place
from trustmed.signature.software.authority import Revoked, create_root, issue_doctor, publish_crl, valid_for
from trustmed.signature.software.signing import SoftwareKey, certificate_pem
from trustmed.web.limits import JSON_BODY

TABLES = ("registry.document", "registry.document_event", "record.document_body", "record.document_signature")


def signature(role: str, content: bytes) -> dict[str, str]:
    return {"role": role, "content": b64encode(content).decode()}


async def fetch_body(client: Client, draft: dict[str, Any]) -> bytes:
    return (await client.get(f"/api/v1/documents/{draft['id']}/content")).content


async def send_signatures(client: Client, draft: dict[str, Any], doctor: bytes, organization: bytes) -> Any:
    given = [signature("doctor", doctor), signature("organization", organization)]
    return await client.post(f"/api/v1/documents/{draft['id']}/sign", json={"signatures": given})


async def test_a_previewed_document_is_signed_with_software_keys(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    signed = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
    assert signed.status_code == 200, signed.text
    assert (signed.json()["sha256"], signed.json()["signature_count"]) == (draft["sha256"], 2)
    assert site.audit("document:content:sign")[-1].outcome == "granted"


async def test_a_document_signed_with_the_doctors_own_tool_keeps_its_exact_bytes(
    site: SiteStand, doctor: Client
) -> None:
    draft = await doctor.preview(site)
    content = await fetch_body(doctor, draft)
    answer = await send_signatures(
        doctor, draft, site.doctors_key().sign(content), site.organizations_key.sign(content)
    )
    assert answer.status_code == 200, answer.text
    kept = await doctor.get(f"/api/v1/documents/{draft['id']}/content")
    assert kept.content == content


async def test_a_signature_in_base64_or_pem_is_stored_as_der(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    content = await fetch_body(doctor, draft)
    own, organizations = site.doctors_key().sign(content), site.organizations_key.sign(content)
    answer = await send_signatures(doctor, draft, b64encode(own), certificate_pem(organizations, "PKCS7"))
    assert answer.status_code == 200, answer.text
    with site.admin(Place.DOCUMENTS) as connection:
        query = "select role, content from record.document_signature where document_id = %s"
        assert dict(connection.execute(query, (draft["id"],)).fetchall()) == {
            "doctor": own,
            "organization": organizations,
        }


async def test_a_signature_given_twice_is_refused(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    content = await fetch_body(doctor, draft)
    twice = signature("doctor", site.doctors_key().sign(content))
    given = [twice, twice, signature("organization", site.organizations_key.sign(content))]
    answer = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"signatures": given})
    assert (answer.status_code, answer.json()["code"]) == (422, "SignatureRepeated")


async def test_signing_again_returns_the_same_answer(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    address = f"/api/v1/documents/{draft['id']}/sign"
    answers = await asyncio.gather(*(doctor.post(address, json={"method": "software"}) for _ in range(4)))
    answers.append(await doctor.post(address, json={"method": "software", "sha256": draft["sha256"]}))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    with site.admin(Place.DOCUMENTS) as connection:
        for table in ("record.document_signature", "registry.document_event"):
            rows = connection.execute(f"select * from {table} where document_id = %s", (draft["id"],)).fetchall()  # noqa: S608
            assert len(rows) == (2 if table.endswith("signature") else 1)


async def test_other_bytes_under_a_signed_id_are_refused(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    address = f"/api/v1/documents/{draft['id']}/sign"
    assert (await doctor.post(address, json={"method": "software"})).status_code == 200
    answer = await doctor.post(address, json={"method": "software", "sha256": "00" * 32})
    assert (answer.status_code, answer.json()["code"]) == (422, "OtherDocument")


async def test_a_draft_changed_since_the_preview_is_not_signed(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    request = {"method": "software", "sha256": "00" * 32}
    answer = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json=request)
    assert (answer.status_code, answer.json()["code"]) == (422, "ChangedSincePreview")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"complaints": "a\x00b"}, "NotStorable"),
        ({"diagnoses": []}, "DossierIncomplete"),
        ({"payment": "3"}, "DossierIncomplete"),
    ],
    ids=["a character nobody keeps", "no diagnosis", "a contract"],
)  # fmt: skip
async def test_a_refused_form_leaves_no_draft(site: SiteStand, doctor: Client, form: dict[str, Any], code: str) -> None:
    visit = (await doctor.post("/api/v1/visits", json={"patient_id": str(site.patient)})).json()["id"]
    answer = await doctor.post("/api/v1/documents", json={"visit_id": visit, "form": FORM | form})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert "refused" in {entry.outcome for entry in site.audit("draft:form:create") + site.audit("draft:content:build")}
    with site.admin() as connection:
        assert connection.execute("select id from clinic.draft where visit_id = %s", (visit,)).fetchall() == []


@pytest.mark.parametrize("sha256", ["zz", "", "00"])
async def test_a_malformed_digest_is_refused_by_name(site: SiteStand, doctor: Client, sha256: str) -> None:
    draft = await doctor.preview(site)
    request = {"method": "software", "sha256": sha256}
    answer = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json=request)
    assert (answer.status_code, answer.json()["code"], "sha256" in answer.json()["detail"]) == (422, "WrongHex", True)


async def test_a_too_deep_or_too_large_request_is_refused(doctor: Client) -> None:
    json = {"content-type": "application/json"}
    deep = await doctor.post("/api/v1/documents", content=b"[" * 100_000, headers=json)
    assert (deep.status_code, deep.json()["code"]) == (400, "RequestRefused")
    large = await doctor.post("/api/v1/documents", content=b" " * (JSON_BODY + 1), headers=json)
    assert (large.status_code, "1 048 576" in large.json()["detail"]) == (413, True)


Forgery = Callable[[SiteStand, bytes], bytes]


def _issue_doctors_key(stand: SiteStand, **changes: Any) -> SoftwareKey:
    someone = stand.people["doctor"]
    root = changes.pop("root", stand.root)
    return issue_doctor(root, someone.surname, someone.given_name, someone.snils, "Больница", **changes)


def _one_day_from(start: int) -> Any:
    return valid_for(1, datetime.now(UTC) + timedelta(days=start))


FORGERIES: dict[str, tuple[Forgery, str]] = {
    "tampered content": (lambda stand, body: stand.doctors_key().sign(body + b" "), "Tampered"),
    "another doctor": (lambda stand, body: stand.doctors_key("colleague").sign(body), "WrongPerson"),
    "the organisation's key": (lambda stand, body: stand.organizations_key.sign(body), "WrongPerson"),
    "expired": (
        lambda stand, body: _issue_doctors_key(stand, validity=_one_day_from(-9)).sign(body),
        "CertificateExpired",
    ),
    "not yet valid": (
        lambda stand, body: _issue_doctors_key(stand, validity=_one_day_from(5)).sign(body),
        "CertificateNotYetValid",
    ),
    "unknown authority": (
        lambda stand, body: _issue_doctors_key(stand, root=create_root("Чужой УЦ")).sign(body),
        "UntrustedIssuer",
    ),
    "empty": (lambda stand, body: b"", "NotASignature"),
    "not a signature": (lambda stand, body: b"<xml/>", "NotASignature"),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_signature_is_refused(site: SiteStand, doctor: Client, name: str) -> None:
    forge, code = FORGERIES[name]
    draft = await doctor.preview(site)
    content = await fetch_body(doctor, draft)
    before = [site.count(table) for table in TABLES]
    answer = await send_signatures(doctor, draft, forge(site, content), site.organizations_key.sign(content))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [site.count(table) for table in TABLES] == before
    with site.admin() as connection:
        query = "select * from record.visit_document where document_id = %s"
        assert connection.execute(query, (draft["id"],)).fetchall() == []
    assert site.audit("document:content:sign")[-1].outcome == "refused"


async def test_a_revoked_certificate_is_refused(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    content = await fetch_body(doctor, draft)
    key = _issue_doctors_key(site)
    now = datetime.now(UTC)
    revoked = Revoked(key.certificate.serial, now - timedelta(minutes=5))
    file = site.secrets / "trust" / "newer.crl"
    file.write_bytes(publish_crl(site.root, [revoked], 2, now, now + timedelta(days=1)))
    answer = await send_signatures(doctor, draft, key.sign(content), site.organizations_key.sign(content))
    file.unlink()
    assert (answer.status_code, answer.json()["code"]) == (422, "CertificateRevoked")
    assert (
        await send_signatures(doctor, draft, key.sign(content), site.organizations_key.sign(content))
    ).status_code == 200


@contextmanager
def only_list(site: SiteStand, age: timedelta) -> Generator[None]:
    """Leave the site with one list of this age, which was good for a day, while the block runs."""
    file = site.secrets / "trust" / "root.crl"
    usual, issued = file.read_bytes(), datetime.now(UTC) - age
    file.write_bytes(publish_crl(site.root, [], 1, issued, issued + timedelta(days=1)))
    try:
        yield
    finally:
        file.write_bytes(usual)


async def test_too_old_a_list_stops_signing_until_the_region_brings_a_newer_one(
    site: SiteStand, doctor: Client
) -> None:
    """The stand has no link, so the age of a site that is cut off is permitted."""
    draft = await doctor.preview(site)
    address, method = f"/api/v1/documents/{draft['id']}/sign", {"method": "software"}
    carried = doctor.app.state.clinic.carried_lists
    with only_list(site, timedelta(days=31)):
        answer = await doctor.post(address, json=method, headers={"accept-language": "ru"})
        assert (answer.status_code, answer.json()["code"]) == (422, "RevocationListOld")
        assert "выпущен 31 день назад" in answer.json()["detail"]
        _carry(site, publish_crl(site.root, [], 5, datetime.now(UTC), datetime.now(UTC) + timedelta(days=1)))
        carried.forget()
        assert (await doctor.post(address, json=method)).status_code == 200
        with site.admin() as connection:
            connection.execute("delete from trust.revocation_list")
        carried.forget()
    with only_list(site, timedelta(days=29)):
        other = await doctor.preview(site)
        assert (await doctor.post(f"/api/v1/documents/{other['id']}/sign", json=method)).status_code == 200


async def test_a_carried_list_of_anybody_else_is_not_believed(site: SiteStand, doctor: Client) -> None:
    """The region cannot revoke a doctor's certificate, nor keep an old list alive: only its issuer can."""
    draft = await doctor.preview(site)
    impostor, now = create_root("Тестовый УЦ"), datetime.now(UTC)
    revoked = [Revoked(site.doctors_key().certificate.serial, now - timedelta(days=1))]
    _carry(site, publish_crl(impostor, revoked, 9, now, now + timedelta(days=1)))
    doctor.app.state.clinic.carried_lists.forget()
    answer = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
    with site.admin() as connection:
        connection.execute("delete from trust.revocation_list")
    doctor.app.state.clinic.carried_lists.forget()
    assert answer.status_code == 200, answer.text


def test_the_age_permitted_depends_on_the_link(site: SiteStand) -> None:
    clinic = Clinic(site.topology, site.site.name)
    days = {}
    for state in ("linked", "cut", "absent", "unknown"):
        clinic.link.view = LinkView(state)
        days[state] = (clinic.signature_policy.oldest_crl.days, clinic.signature_policy.require_current_crl)
    assert days == {"linked": (7, True)} | dict.fromkeys(("cut", "absent", "unknown"), (30, False))
    fed = msgspec.structs.replace(site.site, link="packets")
    by_packets = Clinic(msgspec.structs.replace(site.topology, site=(fed,)), fed.name)
    by_packets.link.view = LinkView("linked")
    assert by_packets.signature_policy.oldest_crl.days == 30


def _carry(site: SiteStand, content: bytes) -> None:
    """Store a list as the link would."""
    with site.admin() as connection:
        connection.execute(
            "insert into trust.revocation_list (issuer, name, this_update, sha256, content)"
            " values (repeat('a', 64), 'x', now(), encode(sha256(%(content)s), 'hex'), %(content)s)",
            {"content": content},
        )


@pytest.mark.parametrize("roles", [("doctor",), ("organization",), ()])
async def test_both_signatures_are_needed(site: SiteStand, doctor: Client, roles: tuple[str, ...]) -> None:
    draft = await doctor.preview(site)
    content = await fetch_body(doctor, draft)
    keys = {"doctor": site.doctors_key(), "organization": site.organizations_key}
    given = [signature(role, keys[role].sign(content)) for role in roles]
    answer = await doctor.post(f"/api/v1/documents/{draft['id']}/sign", json={"signatures": given})
    assert (answer.status_code, answer.json()["code"]) == (422, "SignaturesMissing")


async def test_only_the_author_can_sign_a_draft(site: SiteStand, doctor: Client) -> None:
    draft = await doctor.preview(site)
    address = f"/api/v1/documents/{draft['id']}/sign"
    for login, status in (("colleague", 403), ("stranger", 404), ("registrar", 403), ("head", 403), ("engineer", 403)):
        other = await doctor.sign_in(login)
        answer = await other.post(address, json={"method": "software"})
        assert answer.status_code == status, (login, answer.text)
    del doctor.headers["authorization"]
    assert (await doctor.post(address, json={"method": "software"})).status_code == 401
