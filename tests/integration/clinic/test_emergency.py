"""The head's page of emergency accesses: own staff's and the region's notices, until they are marked as seen."""

from uuid import UUID, uuid4

import pytest

from tests.fix_site import AMBULANCE, HOSPITAL, SiteStand
from tests.integration.clinic.test_consents import open_browser

REASON = "Без сознания, нужен анамнез"


@pytest.fixture(autouse=True)
def forget_emergencies(site: SiteStand) -> None:
    """Delete the emergency accesses of earlier tests."""
    with site.admin() as connection:
        connection.execute("delete from audit.access where ground = 'break_glass'")
        connection.execute("delete from mpi.break_glass")
        connection.execute("delete from clinic.glass_seen")


def add_notice(
    site: SiteStand, reason: str = REASON, organization_id: int = HOSPITAL, reader: int | None = 555
) -> UUID:
    identifier = uuid4()
    with site.admin() as connection:
        connection.execute(
            "insert into mpi.break_glass (organization_id, id, patient_id, person_id, reader_name, reader_position,"
            " reader_organization, reason) values (%s, %s, %s, uuidv7(), 'Чужой Врач', 'реаниматолог', %s, %s)",
            (organization_id, identifier, site.patient, reader, reason),
        )
    return identifier


def add_own_access(
    site: SiteStand, outcome: str = "granted", ground: str = "break_glass", organization_id: int = HOSPITAL
) -> None:
    with site.admin() as connection:
        connection.execute(
            "insert into audit.access (organization_id, actor, actor_name, channel, action, ground, ground_detail,"
            " patient_id, outcome) values (%s, 'a', 'Свой Врач', 'site', 'patient:card:read', %s, 'причина своих',"
            " %s, %s)",
            (organization_id, ground, site.patient, outcome),
        )


async def test_own_accesses_and_notices_are_shown_counted_and_marked_as_seen(site: SiteStand):
    add_own_access(site)
    add_notice(site)
    add_notice(site, "причина региона", reader=None)
    async with open_browser(site, "head") as client:
        assert (await client.get("/audit/break-glass/count")).text == "3"
        page = (await client.get("/audit/break-glass")).text
        for text in ("Свой Врач", "причина своих", "Чужой Врач, реаниматолог", REASON, "сотрудник региона"):
            assert text in page
        assert "организация 555" in page
        assert "Не просмотрено: 3." in page
        ids = page.split('name="ids" value="')[1].split('"')[0]
        late = add_notice(site, "пришло, пока страница открыта")
        answer = await client.post("/audit/break-glass/seen", data={"ids": ids}, follow_redirects=False)
        assert answer.status_code == 303
        assert (await client.get("/audit/break-glass/count")).text == "1"
        again = (await client.get("/audit/break-glass")).text
        assert str(late) in again
        assert again.count("просмотрено</span>") == 3
    assert [row.outcome for row in site.audit("audit:glass:mark")][-1:] == ["granted"]


async def test_refused_accesses_other_grounds_and_other_organisations_are_not_shown(site: SiteStand):
    add_own_access(site, "refused")
    add_own_access(site, ground="treatment")
    add_own_access(site, organization_id=AMBULANCE)
    foreign = add_notice(site, organization_id=AMBULANCE)
    async with open_browser(site, "head") as client:
        assert (await client.get("/audit/break-glass/count")).text == ""
        assert "Экстренного доступа не было." in (await client.get("/audit/break-glass")).text
        assert "Отметить показанное" not in (await client.get("/audit/break-glass")).text
        for ids in (str(foreign), "x,,y", ""):
            assert (await client.post("/audit/break-glass/seen", data={"ids": ids})).status_code == 200
    with site.admin() as connection:
        assert connection.execute("select count(*) from clinic.glass_seen").fetchone() == (0,)


async def test_each_access_is_shown_on_one_page(site: SiteStand):
    ids = {add_notice(site, f"причина {number}") for number in range(60)}
    for _ in range(30):
        add_own_access(site)
    async with open_browser(site, "head") as client:
        first = (await client.get("/audit/break-glass")).text
        more = first.split('<nav class="pages"><span></span><a href="')[1].split('"')[0].replace("&amp;", "&")
        second = (await client.get(more)).text
        assert (first.count("реаниматолог") + second.count("реаниматолог")) == len(ids)
        assert first.count("<tr class") == 50
        assert second.count("<tr class") == 40
        assert '<nav class="pages">' not in second
        assert (await client.get("/audit/break-glass?before=nonsense~x")).text.count("<tr class") == 50


@pytest.mark.parametrize("login", ["doctor", "registrar", "engineer"])
async def test_only_the_head_sees_the_page(site: SiteStand, login: str):
    async with open_browser(site, login) as client:
        for path in ("/audit/break-glass", "/audit/break-glass/count"):
            assert (await client.get(path)).status_code == 403
        assert (await client.post("/audit/break-glass/seen", data={"ids": ""})).status_code == 403
