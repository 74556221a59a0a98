"""The `trustmed` command: one sub-command for each room. Heavy imports stay inside the commands."""

import typer

from trustmed.audit.commands import app as audit
from trustmed.demo.commands import app as demo
from trustmed.programs.authority_commands import app as authority
from trustmed.programs.monitor import watch_command
from trustmed.programs.region_commands import app as region
from trustmed.programs.site_commands import app as site
from trustmed.programs.trust_commands import app as trust
from trustmed.region.booking.commands import app as booking
from trustmed.region.facts.commands import app as record
from trustmed.region.index.commands import app as mpi
from trustmed.region.nsi.commands import app as nsi
from trustmed.topology.commands import app as topology

app = typer.Typer(
    name="trustmed",
    help="ТрастМед: медицинская информационная система региона. TrustMed: a region's medical information system.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
topology.command("watch")(watch_command)
app.add_typer(topology, name="topology")
app.add_typer(site, name="site")
app.add_typer(region, name="region")
app.add_typer(authority, name="authority")
app.add_typer(trust, name="trust")
app.add_typer(nsi, name="nsi")
app.add_typer(mpi, name="mpi")
app.add_typer(record, name="record")
app.add_typer(booking, name="booking")
app.add_typer(audit, name="audit")
app.add_typer(demo, name="demo")


def main() -> None:
    """Run the `trustmed` script."""
    app()


if __name__ == "__main__":
    main()
