"""`trustmed region account …` and `client …`: keep the region's accounts and the systems that call its interfaces.

Heavy imports are inside the commands.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from trustmed.complaint import complaints

accounts = typer.Typer(help="Учётные записи региона. The region's accounts.", no_args_is_help=True)
clients = typer.Typer(help="Системы-клиенты региона. Systems that call the region's interfaces.", no_args_is_help=True)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Login = Annotated[str, typer.Argument(help="Имя для входа / the login.")]
ClientName = Annotated[str, typer.Argument(help="Имя системы / the system's name.")]
Force = Annotated[bool, typer.Option("--force", help="И последнего инженера / even the last engineer.")]
ROLES = "engineer, analyst, steward, physician, operator"


@accounts.command("add")
def account_add_command(
    login: Login,
    name: Annotated[str, typer.Argument(help="Чья она: фамилия, имя / whose it is.")],
    role: Annotated[str, typer.Option(help=ROLES)] = "engineer",
    file: File = Path("region.toml"),
) -> None:
    """Новая учётная запись; временный пароль спрашивается. A new account; a temporary password is asked for."""
    from trustmed.programs.keeping import read_password
    from trustmed.region.accounts.service import add_account, new_account

    with complaints():
        account = new_account(login, read_password(), name, role)
    _keep(file, lambda office, _: add_account(office, account))


@accounts.command("list")
def account_list_command(file: File = Path("region.toml")) -> None:
    """Все учётные записи. All accounts: login, role, name, marks."""
    from trustmed.programs.keeping import print_accounts
    from trustmed.staff.service import find_accounts

    print_accounts(_keep(file, lambda office, _: find_accounts(office)))


@accounts.command("disable")
def account_disable_command(login: Login, force: Force = False, file: File = Path("region.toml")) -> None:
    """Отключить: сеансы завершаются сразу. Disable an account; its sessions end at once."""
    from trustmed.programs.keeping import print_ended
    from trustmed.staff.service import set_disabled

    print_ended(_keep(file, lambda office, _: set_disabled(office, login, True, force=force)))


@accounts.command("enable")
def account_enable_command(login: Login, file: File = Path("region.toml")) -> None:
    """Включить снова. Enable an account again."""
    from trustmed.staff.service import set_disabled

    _keep(file, lambda office, _: set_disabled(office, login, False))


@accounts.command("password")
def account_password_command(login: Login, file: File = Path("region.toml")) -> None:
    """Временный пароль; сеансы завершаются. A temporary password, asked for; sessions end."""
    from trustmed.programs.keeping import print_ended, read_password
    from trustmed.staff.service import set_password

    with complaints():
        password = read_password()
    print_ended(_keep(file, lambda office, _: set_password(office, login, password)))


@accounts.command("role")
def account_role_command(
    login: Login,
    role: Annotated[str, typer.Argument(help=ROLES)],
    force: Force = False,
    file: File = Path("region.toml"),
) -> None:
    """Сменить роль; открытые сеансы работают уже с ней. Change the role; open sessions follow at once."""
    from trustmed.staff.service import set_role

    _keep(file, lambda office, _: set_role(office, login, role, force=force))


@accounts.command("sessions")
def account_sessions_command(
    login: Login,
    end: Annotated[bool, typer.Option("--end", help="Завершить их / end them.")] = False,
    file: File = Path("region.toml"),
) -> None:
    """Открытые сеансы: начало, последний запрос, устройство, адрес. Open sessions."""
    from trustmed.programs.keeping import print_ended, print_sessions
    from trustmed.staff.service import end_sessions, find_sessions

    if end:
        print_ended(_keep(file, lambda office, _: end_sessions(office, login)))
    else:
        print_sessions(_keep(file, lambda office, _: find_sessions(office, login)))


@clients.command("add")
def client_add_command(
    name: ClientName,
    file: File = Path("region.toml"),
    rate: Annotated[int, typer.Option(min=1, max=100_000, help="Запросов в секунду / requests a second.")] = 100,
    scope: Annotated[
        str, typer.Option(help="Интерфейс / the interface: portal, mpi, record, booking, federal, metrics.")
    ] = "portal",
    organization: Annotated[
        list[int] | None, typer.Option(help="Чьих сотрудников представляет / whose staff it represents (id).")
    ] = None,
) -> None:
    """Новая система-клиент; токен печатается один раз. A new client system; its token is printed once."""
    from trustmed.region.accounts.service import add_client, scope_of

    with complaints():
        opened, whose = scope_of(scope), organization or ()
    typer.echo(
        _keep(
            file,
            lambda office, topology: add_client(
                office, topology, name, [opened], requests_per_second=rate, organizations=whose
            ),
        )
    )


@clients.command("list")
def client_list_command(file: File = Path("region.toml")) -> None:
    """Все системы: имя, интерфейсы, запросов в секунду. All systems: name, interfaces, requests a second."""
    from trustmed.region.accounts.service import find_clients

    for one in _keep(file, lambda office, _: find_clients(office)):
        whose = ",".join(map(str, one.organizations or ())) or "-"
        mark = ["отключена / disabled"] if one.disabled else []
        typer.echo("\t".join([one.name, ",".join(one.scopes), str(one.requests_per_second), whose, *mark]))


@clients.command("disable")
def client_disable_command(name: ClientName, file: File = Path("region.toml")) -> None:
    """Отключить систему; токен остаётся за ней. Let a system in no more; its token stays its own."""
    from trustmed.region.accounts.service import set_client_disabled

    _keep(file, lambda office, _: set_client_disabled(office, name, True))


@clients.command("enable")
def client_enable_command(name: ClientName, file: File = Path("region.toml")) -> None:
    """Включить снова. Let a system in again."""
    from trustmed.region.accounts.service import set_client_disabled

    _keep(file, lambda office, _: set_client_disabled(office, name, False))


@clients.command("rotate")
def client_rotate_command(
    name: ClientName,
    overlap: Annotated[
        int, typer.Option(min=0, max=1440, help="Сколько минут действует прежний / minutes the former one still opens.")
    ] = 0,
    file: File = Path("region.toml"),
) -> None:
    """Новый токен, печатается один раз; прежний сразу закрыт. A new token; the former one opens nothing."""
    from trustmed.region.accounts.service import rotate_client

    typer.echo(_keep(file, lambda office, _: rotate_client(office, name, timedelta(minutes=overlap))))


@clients.command("key")
def client_key_command(
    name: ClientName,
    key: Annotated[Path, typer.Option("--key", help="Открытый ключ портала, PEM или JWK / the portal's public key.")],
    client_id: Annotated[str, typer.Option(help="client_id портала у поставщика / its client_id at the provider.")],
    file: File = Path("region.toml"),
) -> None:
    """Привязать портал граждан: ключ (DPoP) и client_id. Bind a citizens' portal; prints the key's thumbprint."""
    from trustmed.region.accounts.service import bind_portal
    from trustmed.region.citizens.binding import read_portal_key

    with complaints():
        thumbprint = read_portal_key(key)
    _keep(file, lambda office, _: bind_portal(office, name, client_id, thumbprint))
    typer.echo(thumbprint)


def _keep(file: Path, act: Any) -> Any:
    from trustmed.programs.keeping import keep_region
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        return keep_region(topology, lambda office: act(office, topology))
