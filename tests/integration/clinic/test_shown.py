"""A list of patients leaves one line in the trail, which names everybody it showed."""

from uuid import UUID, uuid4

from tests.fix_site import HOSPITAL, Client, SiteStand
from tests.integration.clinic.bookable import Bookable

ELKINA = {"surname": "Показова", "given_name": "Яна", "birth_date": "1990-02-03", "sex": 2}
ROWS = "select count(*) from audit.access"
LAST = "select action, shown from audit.access order by id desc limit 1"


class Watch:
    """Counts the lines that a request adds to the trail."""

    def __init__(self, site: SiteStand) -> None:
        self.site = site
        self.rows = self._count()

    def _count(self) -> int:
        with self.site.admin() as connection:
            row = connection.execute(ROWS).fetchone()
        return row[0] if row else 0

    def the_line(self) -> tuple[str, list[UUID]]:
        """Return the action and the patients of the only line that was added since the last time."""
        before, self.rows = self.rows, self._count()
        assert self.rows == before + 1
        with self.site.admin() as connection:
            row = connection.execute(LAST).fetchone()
        assert row
        return row


async def test_a_search_names_whom_it_showed(site: SiteStand, client: Client) -> None:
    registrar = await client.sign_in("registrar")
    made = UUID((await registrar.post("/api/v1/patients", json=ELKINA)).json()["id"])
    watch = Watch(site)
    found = (await registrar.post("/api/v1/patients/find", json={"line": ""})).json()["patients"]
    assert watch.the_line() == ("patient:list:read", [UUID(one["id"]) for one in found])
    await registrar.post("/api/v1/patients/find", json={"line": "показова"})
    assert watch.the_line()[1] == [made]
    await registrar.post("/api/v1/patients/find", json={"line": "никого такого"})
    assert watch.the_line()[1] == []
    await registrar.post("/api/v1/patients/similar", json={key: str(value) for key, value in ELKINA.items()})
    action, shown = watch.the_line()
    assert action == "patient:list:compare"
    assert made in shown


async def test_a_schedule_names_whom_it_showed_and_the_head_sees_it_by_the_patient(
    site: SiteStand, client: Client
) -> None:
    bookable = Bookable(site)
    registrar = await client.sign_in("registrar")
    booking = {"patient_id": str(site.patient), "slot_id": str(bookable.slots[0]), "request_id": str(uuid4())}
    assert (await registrar.post("/api/v1/bookings", json=booking)).status_code == 201
    watch = Watch(site)
    day = {"day": bookable.starts[0].date().isoformat(), "resource_id": str(bookable.resource)}
    assert (await registrar.get("/api/v1/schedule", params=day)).status_code == 200
    assert watch.the_line() == ("booking:day:read", [site.patient])
    page = await (await registrar.sign_in("head")).get("/audit", params={"patient": str(site.patient)})
    assert "просмотр расписания" in page.text
    assert "показано карт: 1" in page.text
    with site.admin() as connection:
        unseen = connection.execute(
            "select count(*) from audit.access where %s = any(shown) and organization_id <> %s",
            (site.patient, HOSPITAL),
        ).fetchone()
    assert unseen == (0,)
