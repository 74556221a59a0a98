"""The official rules at preview and before signing, where a deployment has installed the ministry's pack."""

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from tests.fix_site import Client, SiteStand
from tests.semd_samples import semd_directory
from trustmed.programs.site_web import create_app
from trustmed.schema import Place

pytestmark = pytest.mark.semd


@pytest.fixture
async def doctor_with_pack(site: SiteStand) -> AsyncIterator[Client]:
    """A doctor at a site with the pack installed."""
    semd_directory()
    async with Client(create_app(site.topology, site.site.name)) as opened:
        yield await opened.sign_in("doctor")


async def test_a_document_made_from_the_form_passes_every_rule(site: SiteStand, doctor_with_pack: Client) -> None:
    draft = await doctor_with_pack.preview(
        site, recommendations="Диета", referral="4", payment="1", insurer="С", policy_from="2020-01-01"
    )
    assert (draft["verdict"]["passed"], draft["verdict"]["findings"]) == (True, [])
    assert draft["verdict"]["rules_checked"] > 1000
    signed = await doctor_with_pack.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
    assert signed.status_code == 200, signed.text


async def test_a_document_that_breaks_the_rules_is_not_signed(site: SiteStand, doctor_with_pack: Client) -> None:
    draft = await doctor_with_pack.preview(site)
    with site.admin(Place.SITE) as connection:
        query = "update clinic.draft set content = %s, sha256 = %s where id = %s"
        content = (await doctor_with_pack.get(f"/api/v1/documents/{draft['id']}/content")).content
        broken = content.replace(b"<title>", b"<title> x ").replace(b"<setId ", b'<setId nullFlavor="NI" ')
        connection.execute(query, (broken, sha256(broken).digest(), draft["id"]))
    before = site.count("registry.document")
    answer = await doctor_with_pack.post(f"/api/v1/documents/{draft['id']}/sign", json={"method": "software"})
    assert (answer.status_code, answer.json()["code"]) == (422, "BreaksRules"), answer.text
    assert answer.json()["findings"]
    assert site.count("registry.document") == before
