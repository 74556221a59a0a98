"""`trustmed trust`: revocation lists of the authorities that documents' signatures rely on."""

from pathlib import Path
from typing import Annotated

import typer

from trustmed.complaint import complaints

app = typer.Typer(
    help="Доверенные УЦ и списки отзыва. Trusted authorities and their revocation lists.", no_args_is_help=True
)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Language = Annotated[str, typer.Option("--language", envvar="TRUSTMED_LANGUAGE", help="ru, en")]
SOME_FAILED = 1


@app.callback()
def trust() -> None:
    """Доверенные УЦ и списки отзыва. Trusted authorities and their revocation lists."""


@app.command()
def refresh(
    url: Annotated[list[str] | None, typer.Argument(help="Ещё адреса / further addresses.")] = None,
    file: File = Path("region.toml"),
    carry: Annotated[bool, typer.Option("--carry", help="В регионе: передать площадкам / give to the sites.")] = False,
    language: Language = "ru",
) -> None:
    """Забрать свежие списки отзыва. Fetch fresh revocation lists. Exit: 1 if some address failed, the rest was done."""
    from trustmed.region.trust.carrying import carry_lists
    from trustmed.signature.refresh import refresh as fetch
    from trustmed.topology.file.load import load

    with complaints():
        topology = load(file)
        folder = topology.folder / topology.region.secrets / "trust"
        found = fetch(folder, (*topology.trust.crl_urls, *(url or ())), topology.trust.proxy)
        carried = carry_lists(topology, folder) if carry else []
    english = language == "en"
    words = {"taken": "new" if english else "новый", "known": "known" if english else "уже есть"}
    for one in found:
        said = words.get(one.verdict) or (one.en if english else one.ru)
        typer.echo(f"{one.url}: {said}{' — ' + one.issuer if one.issuer else ''}", err=one.verdict == "failed")
    for issuer in carried:
        typer.echo(f"→ {'to the sites' if english else 'площадкам'}: {issuer}")
    if not found:
        typer.echo("нет адресов: [trust] crl_urls / no addresses: [trust] crl_urls", err=True)
    raise typer.Exit(SOME_FAILED if any(one.verdict == "failed" for one in found) else 0)
