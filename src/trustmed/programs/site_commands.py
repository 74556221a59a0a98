"""`trustmed site …`: serving a site's web application, adding accounts."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from trustmed.complaint import complaints

app = typer.Typer(help="Площадка: веб-приложение клиники. A site: the clinic's web application.", no_args_is_help=True)

File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]


@app.command()
def serve(name: str, file: File = Path("region.toml")) -> None:
    """Serve the web application of site NAME at its address in the topology file."""
    from trustmed.programs.site_web import create_app
    from trustmed.topology.file.load import load
    from trustmed.web.logs import configure
    from trustmed.web.serving import serve_application

    with complaints():
        topology = load(file)
        configure()
        listen = topology.site_named(name).listen
        app = create_app(topology, name)
    serve_application(app, listen)


@app.command("account-add")
def account_add(
    name: str,
    organization: Annotated[int, typer.Option(help="идентификатор организации / organisation's id")],
    login: Annotated[str, typer.Option()],
    role: Annotated[str, typer.Option(help="doctor, registrar, head, engineer")],
    surname: Annotated[str, typer.Option()],
    given_name: Annotated[str, typer.Option()],
    position: Annotated[str, typer.Option(help="код справочника 1002 / code of dictionary 1002")],
    patronymic: Annotated[str | None, typer.Option()] = None,
    snils: Annotated[str | None, typer.Option()] = None,
    file: File = Path("region.toml"),
) -> None:
    """Add an employee of site NAME with an account; the password is asked for or read from standard input."""
    from trustmed.clinic.accounts.model import ROLES, NewEmployee
    from trustmed.clinic.accounts.service import add_account
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        site = topology.site_named(name)
        if role not in ROLES or all(one.id != organization for one in site.organization):
            raise typer.BadParameter(f"role: {', '.join(ROLES)}; organization: {[one.id for one in site.organization]}")
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        employee = NewEmployee(surname, given_name, patronymic, snils, position)
        typer.echo(str(add_account(topology, site, organization, login, password, role, employee)))
