"""`trustmed booking`: shares of slots, and whose the slots are. Heavy imports stay inside."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trustmed.complaint import complaints

if TYPE_CHECKING:
    import psycopg

    from trustmed.topology.file.spec import Topology

app = typer.Typer(help="Запись на приём через регион. Booking at the region.", no_args_is_help=True)
quota_app = typer.Typer(help="Доли талонов региона. The region's shares of slots.", no_args_is_help=True)
app.add_typer(quota_app, name="quota")
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Language = Annotated[str, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]
Only = Annotated[int | None, typer.Option("--organization", help="Только одна организация / one organisation only.")]


@quota_app.command("set")
def set_command(
    organization: Annotated[int, typer.Argument(help="Номер организации / the organisation's id.")],
    visit_kind: Annotated[str, typer.Argument(help="first, repeat, any")],
    percent: Annotated[int, typer.Argument(help="Доля региона, % / the region's share.")],
    return_hours: Annotated[int, typer.Argument(help="За сколько часов вернуть / hours before the visit.")],
    file: File = Path("region.toml"),
    speciality: Annotated[str, typer.Option(help="Код специальности; без него все / code; none: all.")] = "",
    by: Annotated[str, typer.Option(help="Кто установил / who sets it.")] = "engineer",
) -> None:
    """Установить долю. Площадка последует ей, когда узнает. Set a share; the site follows when it hears of it."""
    from trustmed.booking.share import Quota
    from trustmed.region.booking.quotas import set_quota

    with complaints(), _connected(file, "booking quota") as (topology, connection):
        set_quota(connection, topology, organization, Quota(visit_kind, speciality, percent, return_hours), by)


@quota_app.command("list")
def list_command(file: File = Path("region.toml"), language: Language = "ru", organization: Only = None) -> None:
    """Доли, какие установлены. The shares that are set."""
    from trustmed.region.booking.quotas import quotas

    with complaints(), _connected(file, "booking quota") as (topology, connection):
        shares = quotas(connection, organization)
        hours = "h before" if language == "en" else "ч до приёма"
        for one in shares:
            typer.echo(
                f"{_title(topology, one.organization_id)}\t{one.visit_kind}\t{one.speciality_code or '*'}"
                f"\t{one.percent}%\t{one.return_hours} {hours}\t{one.set_by}\t{one.set_at.astimezone():%d.%m.%Y %H:%M}"
            )
    if not shares:
        typer.echo("No shares are set." if language == "en" else "Долей не установлено.")


@app.command("slots")
def slots_command(file: File = Path("region.toml"), language: Language = "ru", organization: Only = None) -> None:
    """Чьи талоны на будущее время. Что в пути между сторонами, здесь не видно. Whose the slots to come are."""
    from trustmed.region.booking.quotas import owned

    words = (
        ("the site's", "the region's, free", "the region's, booked")
        if language == "en"
        else ("площадки", "региона, свободных", "региона, занятых")
    )
    with complaints(), _connected(file, "booking slots") as (topology, connection):
        known = [one.id for site in topology.site for one in site.organization]
        for one in owned(connection, known if organization is None else [organization]):
            typer.echo(_title(topology, one.organization_id))
            for title, count in zip(words, (one.of_site, one.free, one.booked), strict=True):
                typer.echo(f"{count:>12,}  {title}".replace(",", " "))


@contextmanager
def _connected(file: Path, purpose: str) -> "Generator[tuple[Topology, psycopg.Connection]]":
    from trustmed.schema import Place
    from trustmed.topology.connect import connect
    from trustmed.topology.file.load import load

    topology = load(file)
    with connect(topology, topology.database_of(Place.BOOKING), "trustmed_feed", purpose) as connection:
        yield topology, connection


def _title(topology: "Topology", organization_id: int) -> str:
    found = topology.organization(organization_id)
    return f"{organization_id} {found.title}" if found else str(organization_id)
