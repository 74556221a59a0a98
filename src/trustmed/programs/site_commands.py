"""`trustmed site …`: serving a site's web application, keeping its accounts."""

from pathlib import Path
from typing import Annotated

import typer

from trustmed.complaint import complaints
from trustmed.programs.site_accounts import accounts

app = typer.Typer(help="Площадка: веб-приложение клиники. A site: the clinic's web application.", no_args_is_help=True)
app.add_typer(accounts, name="account")

File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]


@app.command("metrics-token")
def metrics_token_command(name: str, file: File = Path("region.toml")) -> None:
    """Токен, с которым Prometheus читает /metrics площадки. Print the token that opens /metrics of site NAME."""
    from trustmed.topology.file.load import load
    from trustmed.topology.secrets import ensure_secret

    with complaints():
        topology = load(file)
        typer.echo(ensure_secret(topology, topology.site_named(name).name, "metrics"))


@app.command()
def serve(name: str, file: File = Path("region.toml")) -> None:
    """Serve the web application of site NAME at its address in the topology file."""
    from trustmed.programs.site_web import create_app
    from trustmed.topology.file.load import load
    from trustmed.web.logs import configure
    from trustmed.web.proxies import networks_of
    from trustmed.web.serving import serve_application

    with complaints():
        topology = load(file)
        configure()
        site = topology.site_named(name)
        app = create_app(topology, name)
    serve_application(app, site.listen, trusted_proxies=networks_of(site.trusted_proxies))
