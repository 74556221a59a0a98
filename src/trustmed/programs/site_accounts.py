"""`trustmed site account …`: keep the accounts of a site. Heavy imports are inside the commands."""

from pathlib import Path
from typing import Annotated, Any

import typer

from trustmed.complaint import complaints

accounts = typer.Typer(help="Учётные записи площадки. The site's accounts.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
SiteName = Annotated[str, typer.Argument(help="Площадка / the site.")]
Login = Annotated[str, typer.Argument(help="Имя для входа / the login.")]
ROLES = "doctor, registrar, head, engineer"


@accounts.command("add")
def add_command(
    site: SiteName,
    organization: Annotated[int, typer.Option(help="идентификатор организации / organisation's id")],
    login: Annotated[str, typer.Option()],
    role: Annotated[str, typer.Option(help=ROLES)],
    surname: Annotated[str, typer.Option()],
    given_name: Annotated[str, typer.Option()],
    position: Annotated[str, typer.Option(help="код справочника 1002 / code of dictionary 1002")],
    patronymic: Annotated[str | None, typer.Option()] = None,
    snils: Annotated[str | None, typer.Option()] = None,
    file: File = Path("region.toml"),
) -> None:
    """Новый сотрудник с учётной записью; временный пароль спрашивается. A new employee with an account."""
    from trustmed.clinic.accounts.model import NewEmployee
    from trustmed.clinic.accounts.service import add_account
    from trustmed.programs.keeping import keep_site, read_password
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        where = topology.site_named(site)
        if all(one.id != organization for one in where.organization):
            raise typer.BadParameter(f"organization: {[one.id for one in where.organization]}")
        password, employee = read_password(), NewEmployee(surname, given_name, patronymic, snils, position)
        keep_site(topology, where, lambda office: add_account(office, organization, login, password, role, employee))


@accounts.command("list")
def list_command(site: SiteName, file: File = Path("region.toml")) -> None:
    """Все учётные записи. All accounts: organisation, login, role, name, marks."""
    from trustmed.programs.keeping import print_accounts
    from trustmed.staff.service import find_accounts

    print_accounts(_keep(file, site, find_accounts), with_organization=True)


@accounts.command("disable")
def disable_command(site: SiteName, login: Login, file: File = Path("region.toml")) -> None:
    """Отключить: сеансы завершаются сразу. Disable an account; its sessions end at once."""
    from trustmed.programs.keeping import print_ended
    from trustmed.staff.service import set_disabled

    print_ended(_keep(file, site, lambda office: set_disabled(office, login, True)))


@accounts.command("enable")
def enable_command(site: SiteName, login: Login, file: File = Path("region.toml")) -> None:
    """Включить снова. Enable an account again."""
    from trustmed.staff.service import set_disabled

    _keep(file, site, lambda office: set_disabled(office, login, False))


@accounts.command("password")
def password_command(site: SiteName, login: Login, file: File = Path("region.toml")) -> None:
    """Временный пароль; сеансы завершаются. A temporary password, asked for; sessions end."""
    from trustmed.programs.keeping import print_ended, read_password
    from trustmed.staff.service import set_password

    with complaints():
        password = read_password()
    print_ended(_keep(file, site, lambda office: set_password(office, login, password)))


@accounts.command("role")
def role_command(
    site: SiteName, login: Login, role: Annotated[str, typer.Argument(help=ROLES)], file: File = Path("region.toml")
) -> None:
    """Сменить роль; открытые сеансы работают уже с ней. Change the role; open sessions follow at once."""
    from trustmed.staff.service import set_role

    _keep(file, site, lambda office: set_role(office, login, role))


@accounts.command("sessions")
def sessions_command(
    site: SiteName,
    login: Login,
    end: Annotated[bool, typer.Option("--end", help="Завершить их / end them.")] = False,
    file: File = Path("region.toml"),
) -> None:
    """Открытые сеансы: начало, последний запрос, устройство, адрес. Open sessions."""
    from trustmed.programs.keeping import print_ended, print_sessions
    from trustmed.staff.service import end_sessions, find_sessions

    if end:
        print_ended(_keep(file, site, lambda office: end_sessions(office, login)))
    else:
        print_sessions(_keep(file, site, lambda office: find_sessions(office, login)))


def _keep(file: Path, site: str, act: Any) -> Any:
    from trustmed.programs.keeping import keep_site
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        return keep_site(topology, topology.site_named(site), act)
