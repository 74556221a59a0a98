"""`trustmed authority`: certificates of sites, programs, portals and gateways. Heavy imports stay inside the commands.

`init`, `issue`, `enrol-code`, `sign-request`, `revoke`, `list`, `crl` are the region's; `enrol`, `install`, `renew` run
where the key is used.
"""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from trustmed.complaint import complaints

if TYPE_CHECKING:
    from trustmed.authority.names import Kind as KindOfNames
    from trustmed.authority.names import Names
    from trustmed.region.authority.issuing import Wish
    from trustmed.region.authority.records import By
    from trustmed.region.authority.service import Desk
    from trustmed.topology.file.spec import Topology

app = typer.Typer(
    help="Удостоверяющий центр региона: сертификаты площадок, программ, порталов, шлюзов. The region's authority.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Option("--file", envvar="TRUSTMED_TOPOLOGY", help="Файл топологии / the topology file.")]
Keys = Annotated[Path | None, typer.Option("--keys", help="Папка корневого ключа / the root key's folder.")]
Kind = Annotated[str, typer.Option("--kind", help="site, program, portal, gateway")]
Organizations = Annotated[
    list[int] | None, typer.Option("--organization", help="За какие организации говорит (id) / whom it speaks for.")
]
Server = Annotated[bool, typer.Option("--server", help="Ещё и для сервера TLS / for a TLS server too.")]
Hosts = Annotated[list[str] | None, typer.Option("--host", help="Имя или адрес сервера / a server's name or address.")]
Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="Срок, дней / for how many days.")]
MARKED = 1


@app.command()
def init(
    file: File = Path("region.toml"),
    keys: Keys = None,
    zone: Annotated[
        list[str] | None,
        typer.Option(help="Только для этих имён и сетей серверов / only for servers of these domains and networks."),
    ] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Закрыть ключ паролем / lock the key.")] = False,
) -> None:
    """Создать корневой ключ и сертификат. Make the root key and certificate."""
    from trustmed.authority.trust import trust_folder
    from trustmed.region.authority.folder import create_authority
    from trustmed.region.authority.service import listed, note_root

    with complaints():
        topology = _topology(file)
        listed(topology)  # a root is made only where the trail can be written
        words = getpass.getpass() if passphrase else ""
        folder = keys or trust_folder(topology)
        made = create_authority(topology, folder, words, tuple(zone or ()))
        typer.echo(f"{folder}: {made.root.not_valid_after_utc:%d.%m.%Y}")
        note_root(topology, made.root, _somebody())


@app.command("enrol-code")
def enrol_code(
    name: Annotated[str, typer.Argument(help="Площадка / the site.")],
    file: File = Path("region.toml"),
    kind: Kind = "site",
    organization: Organizations = None,
    server: Server = False,
    host: Hosts = None,
    days: Days = 365,
    hours: Annotated[int, typer.Option(min=1, max=720, help="Сколько действует код / for how long it holds.")] = 24,
) -> None:
    """Выдать одноразовый код площадке; печатается один раз. Give a site a one-time code; it is printed once."""
    from trustmed.authority.trust import trust_of
    from trustmed.region.authority.service import add_code

    with complaints():
        topology = _topology(file)
        root = trust_of(topology).roots[0]
        wish = _wish(topology, kind, name, organization, server, host, days)
        code, until = add_code(topology, root, wish, hours, _somebody())
    typer.echo(code.text)
    typer.echo(f"до / until {until.astimezone():%d.%m.%Y %H:%M}", err=True)


@app.command()
def enrol(
    name: Annotated[str, typer.Argument(help="Площадка / the site.")],
    code: Annotated[str, typer.Option(envvar="TRUSTMED_ENROL_CODE", help="Код региона / the region's code.")] = "",
    file: File = Path("region.toml"),
    kind: Kind = "site",
    address: Annotated[str | None, typer.Option(help="host:port региона / the region's.")] = None,
    request_to: Annotated[
        Path | None, typer.Option("--request-to", help="Без связи: записать запрос / offline: write the request.")
    ] = None,
) -> None:
    """На площадке: создать ключ и получить сертификат. At the site: make a key and obtain a certificate."""
    from trustmed.authority.code import read_code
    from trustmed.authority.enrolment import enrol as enrol_by_code
    from trustmed.authority.identity import identity_files, prepare_request
    from trustmed.authority.trust import trust_folder

    with complaints():
        topology = _topology(file)
        names = _names(topology, kind, name, None)
        files = identity_files(topology, names.kind, name)
        if request_to is not None:
            request_to.write_bytes(prepare_request(files, names))
            typer.echo(f"{request_to}: trustmed authority sign-request … → trustmed authority install {name} …")
            return
        typed = read_code(code or (getpass.getpass("Код / code: ") if sys.stdin.isatty() else sys.stdin.readline()))
        whose = enrol_by_code(_address(topology, names, address), names, typed, files, trust_folder(topology))
    typer.echo(f"{whose.label}: {files.pem}")


@app.command()
def install(
    name: Annotated[str, typer.Argument(help="Площадка / the site.")],
    certificate: Annotated[Path, typer.Argument(help="Выпущенный сертификат, PEM / the issued one.")],
    file: File = Path("region.toml"),
    kind: Kind = "site",
    root: Annotated[Path | None, typer.Option(help="Корневой сертификат региона, PEM / the region's root.")] = None,
    crl: Annotated[Path | None, typer.Option(help="Список отзыва / the revocation list.")] = None,
) -> None:
    """На площадке без связи: поставить выпущенный сертификат. At a site without a line: install what was issued."""
    from trustmed.authority.identity import identity_files
    from trustmed.authority.identity import install as put_in_force
    from trustmed.authority.keys import write_private
    from trustmed.authority.trust import trust_folder

    with complaints():
        topology = _topology(file)
        folder = trust_folder(topology)
        for given, stored in ((root, "root.crt"), (crl, "root.crl")):
            if given is not None:
                write_private(folder / stored, given.read_bytes())
        whose = put_in_force(
            identity_files(topology, _names(topology, kind, name, None).kind, name), certificate.read_bytes()
        )
    typer.echo(whose.label)


@app.command()
def renew(
    name: Annotated[str, typer.Argument(help="Площадка / the site.")],
    file: File = Path("region.toml"),
    kind: Kind = "site",
    address: Annotated[str | None, typer.Option(help="host:port региона / the region's.")] = None,
    within: Annotated[
        int | None, typer.Option(help="Только если осталось меньше дней / only if fewer days are left.")
    ] = None,
) -> None:
    """На площадке: новый сертификат по действующему. At the site: a new certificate by the present one."""
    from datetime import UTC, datetime

    from trustmed.authority.enrolment import renew as renew_by_present
    from trustmed.authority.identity import load_identity
    from trustmed.authority.trust import days_left, trust_folder

    with complaints():
        topology = _topology(file)
        names = _names(topology, kind, name, None)
        present = load_identity(topology, names.kind, name)
        left = days_left(present.certificate, datetime.now(UTC))
        if within is not None and left >= within:
            typer.echo(f"{names.label}: ещё {left} дней / {left} days left")
            return
        whose = renew_by_present(_address(topology, names, address), present, trust_folder(topology))
        ends = load_identity(topology, names.kind, name).certificate.not_valid_after_utc
    typer.echo(f"{whose.label}: до / until {ends:%d.%m.%Y}")


@app.command("sign-request")
def sign_request(
    request: Annotated[Path, typer.Argument(help="Запрос PKCS#10, PEM или DER / the request.")],
    name: Annotated[str, typer.Argument(help="Чей / whose.")],
    out: Annotated[Path, typer.Option("--out", help="Куда сертификат, PEM / where to put the certificate.")],
    file: File = Path("region.toml"),
    kind: Kind = "site",
    organization: Organizations = None,
    server: Server = False,
    host: Hosts = None,
    days: Days = 365,
    keys: Keys = None,
) -> None:
    """Выпустить сертификат по файлу запроса. Issue a certificate by a request's file."""
    from trustmed.region.authority.service import certify

    with complaints():
        topology = _topology(file)
        wish = _wish(topology, kind, name, organization, server, host, days)
        issued = certify(_desk(topology, keys), wish, request.read_bytes(), _somebody())
        out.write_text(issued.certificate, "ascii")
    typer.echo(f"{wish.names.label}: {out}")


@app.command()
def issue(
    name: Annotated[str, typer.Argument(help="Чей / whose.")],
    file: File = Path("region.toml"),
    kind: Kind = "program",
    organization: Organizations = None,
    server: Server = False,
    host: Hosts = None,
    days: Days = 365,
    keys: Keys = None,
) -> None:
    """Ключ и сертификат программе этой машины. A key and a certificate for a program of this machine."""
    from trustmed.region.authority.service import issue_here

    with complaints():
        topology = _topology(file)
        wish = _wish(topology, kind, name, organization, server, host, days)
        typer.echo(f"{wish.names.label}: {issue_here(_desk(topology, keys), wish, _somebody())}")


@app.command()
def revoke(
    serial: Annotated[str, typer.Argument(help="Номер из trustmed authority list / its number.")],
    reason: Annotated[str, typer.Option(prompt=True, help="Почему / why.")],
    file: File = Path("region.toml"),
    keys: Keys = None,
) -> None:
    """Отозвать сертификат и сразу обновить список. Revoke a certificate and publish the list at once."""
    from trustmed.region.authority.service import revoke as revoke_certificate

    with complaints():
        topology = _topology(file)
        found = revoke_certificate(_desk(topology, keys), serial.lower(), reason, _somebody())
    typer.echo(f"{found.kind}:{found.name} {found.serial}: отозван / revoked")


@app.command("list")
def list_command(
    file: File = Path("region.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Для машин / for machines.")] = False,
) -> None:
    """Что выпущено и когда кончается. What was issued and when it ends. Exit: 1 if something ends within 30 days."""
    from datetime import UTC, datetime

    import msgspec

    from trustmed.region.authority.model import ends_of
    from trustmed.region.authority.service import listed

    now = datetime.now(UTC)
    with complaints():
        found = listed(_topology(file))
    near = {end.serial for end in ends_of(found) if end.is_near(now)}
    if as_json:
        rows = [{**msgspec.structs.asdict(one), "ends_soon": one.serial in near} for one in found]
        sys.stdout.write(msgspec.json.encode({"certificates": rows}).decode() + "\n")
    for one in found if not as_json else ():
        mark = "отозван / revoked" if one.revoked_at else ("! кончается / ends" if one.serial in near else "")
        typer.echo(f"{one.kind + ':' + one.name:32} {one.not_after:%d.%m.%Y}  {one.serial}  {one.way:8}  {mark}")
    raise typer.Exit(MARKED if near else 0)


@app.command()
def crl(
    file: File = Path("region.toml"),
    keys: Keys = None,
    out: Annotated[Path | None, typer.Option("--out", help="Ещё и сюда, DER / here too.")] = None,
) -> None:
    """Обновить список отзыва. Publish a fresh revocation list."""
    from trustmed.region.authority.service import publish_now

    with complaints():
        content = publish_now(_desk(_topology(file), keys))
        if out is not None:
            out.write_bytes(content)
    typer.echo(f"{len(content)} байт / bytes")


def _topology(file: Path) -> "Topology":
    from trustmed.topology.file.load import load

    return load(file)


def _desk(topology: "Topology", keys: Path | None) -> "Desk":
    """Return the authority at work; a locked key asks for its passphrase."""
    from trustmed.region.authority.errors import AuthorityLocked
    from trustmed.region.authority.service import open_desk

    try:
        return open_desk(topology, keys)
    except AuthorityLocked:
        if not sys.stdin.isatty():
            raise
        return open_desk(topology, keys, getpass.getpass())


def _names(topology: "Topology", kind: str, name: str, organizations: list[int] | None) -> "Names":
    from trustmed.authority.names import KINDS, Names

    if kind not in KINDS:
        raise typer.BadParameter(f"--kind: {', '.join(KINDS)}")
    if kind == "site" and organizations is None:
        organizations = [one.id for one in topology.site_named(name).organization]
    return Names(cast("KindOfNames", kind), name, tuple(sorted(organizations or ())))


def _wish(
    topology: "Topology", kind: str, name: str, organizations: list[int] | None, server: bool, hosts: list[str] | None,
    days: int,
) -> "Wish":  # fmt: skip
    from trustmed.region.authority.issuing import Wish

    uses = ("client", "server") if server or hosts else ("client",)
    return Wish(_names(topology, kind, name, organizations), uses, days, tuple(hosts or ()))


def _address(topology: "Topology", names: "Names", given: str | None) -> str:
    if given is not None:
        return given
    of_site = topology.site_named(names.name).region_web if names.kind == "site" else None
    return of_site or topology.region.listen


def _somebody() -> "By":
    """Return who runs the command, for the trail."""
    from trustmed.region.authority.records import By

    login = getpass.getuser()
    return By("command", login)
