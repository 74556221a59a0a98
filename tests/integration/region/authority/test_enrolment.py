"""A site obtains its certificate by a code, renews it, loses it; nothing is issued twice, a kill loses nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import msgspec
import pytest
from cryptography import x509
from prometheus_client import CollectorRegistry

from tests.authority_stand import ensure_authority
from tests.browser.serving import serve_app
from tests.fix_region import HOSPITAL, POLYCLINIC, RegionStand
from trustmed.authority.code import Code, CodeMistyped, read_code
from trustmed.authority.enrolment import AuthorityRefuses, EnrolWish, FalseRegion, enrol, renew
from trustmed.authority.errors import PeerRevoked
from trustmed.authority.identity import Identity, identity_files, install, prepare_request, site_identity
from trustmed.authority.keys import make_key, make_request, public_key_of_request
from trustmed.authority.names import Kind, Names
from trustmed.authority.peer import names_of, verify_peer
from trustmed.authority.trust import trust_folder, trust_of
from trustmed.region.access.rate import Buckets
from trustmed.region.authority import journal, publishing, service
from trustmed.region.authority.ends import find_ends, find_peer
from trustmed.region.authority.errors import (
    BearerUnknown,
    CertificateMissing,
    CodeExpired,
    CodeRefused,
    CodeUsed,
    KeyKnown,
)
from trustmed.region.authority.issuing import Wish
from trustmed.region.authority.metrics import EndGauge
from trustmed.region.authority.model import ends_of
from trustmed.region.authority.records import By
from trustmed.region.authority.service import Desk, add_code, open_desk
from trustmed.region.pools import Pools
from trustmed.schema import Place
from trustmed.topology.file.spec import Topology

HEAD = By("command", "инженер")
SITE = Names("site", "hospital", (HOSPITAL,))


@pytest.fixture(scope="module")
def stand(region_stands: Callable[[str], RegionStand]) -> RegionStand:
    return region_stands("apart")


@pytest.fixture(scope="module")
def address(stand: RegionStand) -> Iterator[str]:
    """The region's web server."""
    app = stand.web.make()
    app.state.buckets = Unlimited()
    with serve_app(app) as url:
        yield url.removeprefix("http://")


class Unlimited(Buckets):
    def take(self, name: str, per_second: float, burst: float | None = None) -> float:
        return 0.0


@pytest.fixture
def desk(stand: RegionStand) -> Desk:
    ensure_authority(stand.topology)
    return open_desk(stand.topology)


@pytest.fixture
def at_site(stand: RegionStand, tmp_path: Path) -> Topology:
    """The topology as a site has it: in a folder of its own, with secrets of its own."""
    return msgspec.structs.replace(stand.topology, folder=tmp_path)


def make_code(desk: Desk, names: Names = SITE, hours: int = 1) -> Code:
    return add_code(desk.topology, desk.authority.root, Wish(names), hours, HEAD)[0]


def ask_for(at_site: Topology, address: str, code: Code, name: str = "hospital", kind: Kind = "site") -> Names:
    return enrol(address, Names(kind, name), code, identity_files(at_site, kind, name), trust_folder(at_site))


def wish_of(code: Code, key: object | None = None) -> EnrolWish:
    request = make_request(key or make_key(), SITE)  # ty: ignore[invalid-argument-type]
    return EnrolWish(code.verifier, request, code.sign(request))


def enrolled(desk: Desk, at_site: Topology, address: str) -> Identity:
    ask_for(at_site, address, make_code(desk))
    return site_identity(at_site, "hospital")


def verify_here(desk: Desk, identity: Identity) -> Names:
    return verify_peer(identity.chain_der, trust_of(desk.topology), datetime.now(UTC)).names


def test_a_site_enrols_by_a_code_and_the_region_says_who_it_is(desk: Desk, at_site: Topology, address: str) -> None:
    code = read_code(make_code(desk).text.lower())
    whose = enrol(
        address,
        Names("site", "polyclinic", (1,)),
        code,
        identity_files(at_site, "site", "hospital"),
        trust_folder(at_site),
    )
    assert whose == SITE, "the code decides, not the request"
    identity = site_identity(at_site, "hospital")
    assert verify_here(desk, identity) == SITE
    assert verify_peer(identity.chain_der, trust_of(at_site), datetime.now(UTC)).names == SITE, (
        "the site knows the root"
    )
    assert not (trust_folder(at_site) / "root.key").exists()


def test_a_code_is_used_once_whoever_is_first(desk: Desk) -> None:
    code = make_code(desk)
    wishes = [wish_of(code) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda wish: answer_or_error(desk, wish), wishes))
    granted = [index for index, one in enumerate(answers) if not isinstance(one, Exception)]
    assert len(granted) == 1
    assert all(isinstance(one, CodeUsed) for index, one in enumerate(answers) if index not in granted)
    again = service.enrol(desk, wishes[granted[0]], "127.0.0.1")
    assert again == answers[granted[0]], "a repeat of the same request gives the same certificate"


def test_two_codes_of_one_site_may_be_used_at_once(desk: Desk) -> None:
    wishes = [wish_of(make_code(desk)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda wish: service.enrol(desk, wish, "-"), wishes))
    serials = {x509.load_pem_x509_certificate(one.certificate.encode()).serial_number for one in answers}
    assert len(serials) == 4


def test_false_codes_are_refused(desk: Desk, stand: RegionStand) -> None:
    code, other = make_code(desk), make_code(desk)
    request = make_request(make_key(), SITE)
    for wish in (
        EnrolWish(code.verifier, request, other.sign(request)),
        EnrolWish(code.verifier, request, b""),
        EnrolWish(bytes(32), request, code.sign(request)),
    ):
        with pytest.raises(CodeRefused):
            service.enrol(desk, wish, "192.0.2.1")
    with stand.admin(Place.REGISTRY) as connection:
        noted = connection.execute("select outcome from audit.access where actor = '192.0.2.1'").fetchall()
        connection.execute("update authority.code set expires_at = now() where verifier = %s", (code.verifier,))
    assert noted == [("refused",)] * 3
    with pytest.raises(CodeExpired):
        service.enrol(desk, wish_of(code), "-")
    with pytest.raises(CodeMistyped):
        read_code("ABCDEFGH")


def test_the_code_itself_is_kept_nowhere(desk: Desk, stand: RegionStand) -> None:
    code = make_code(desk)
    with stand.admin(Place.REGISTRY) as connection:
        rows = connection.execute("select code::text from authority.code").fetchall()
    assert any(code.verifier.hex() in text for (text,) in rows)
    assert not any(code.seed.hex() in text for (text,) in rows)


def test_a_false_region_is_found_out(desk: Desk, at_site: Topology, address: str) -> None:
    code = make_code(desk)
    with pytest.raises(FalseRegion):
        ask_for(at_site, address, msgspec.structs.replace(code, pin=bytes(10)))
    assert not trust_folder(at_site).exists()


def test_renewal_overlaps_and_needs_the_present_key(desk: Desk, at_site: Topology, address: str) -> None:
    old = enrolled(desk, at_site, address)
    assert renew(address, old, trust_folder(at_site)) == SITE
    new = site_identity(at_site, "hospital")
    assert new.certificate != old.certificate
    assert verify_here(desk, old) == verify_here(desk, new) == SITE
    thief = msgspec.structs.replace(old, key=make_key())
    with pytest.raises(AuthorityRefuses):
        renew(address, thief, trust_folder(at_site))


def test_renewal_follows_the_topology_and_never_grows(desk: Desk, at_site: Topology, address: str) -> None:
    old = enrolled(desk, at_site, address)
    request = prepare_request(old.files, old.names)
    wish = service.RenewWish(old.chain_der, request, old.sign(service.RENEWAL + request))
    hospital, polyclinic = desk.topology.site
    moved = msgspec.structs.replace(polyclinic, organization=(*polyclinic.organization, *hospital.organization))
    emptied = msgspec.structs.replace(hospital, organization=polyclinic.organization)
    left = msgspec.structs.replace(desk.topology, site=(emptied, moved))
    issued = service.renew(msgspec.structs.replace(desk, topology=left), wish, "-")
    assert names_of(x509.load_pem_x509_certificate(issued.certificate.encode())) == Names("site", "hospital")
    gone = msgspec.structs.replace(desk.topology, site=(moved,))
    other = make_request(make_key(), SITE)
    with pytest.raises(BearerUnknown):
        service.renew(
            msgspec.structs.replace(desk, topology=gone),
            service.RenewWish(old.chain_der, other, old.sign(service.RENEWAL + other)),
            "-",
        )


def test_an_answer_that_got_lost_is_given_again(desk: Desk, at_site: Topology, address: str) -> None:
    old = enrolled(desk, at_site, address)
    request = prepare_request(old.files, old.names)
    wish = service.RenewWish(old.chain_der, request, old.sign(service.RENEWAL + request))
    assert service.renew(desk, wish, "-") == service.renew(desk, wish, "-")
    renew(address, old, trust_folder(at_site))
    assert site_identity(at_site, "hospital").certificate.public_key() == public_key_of_request(request)


def test_revocation_ends_everything_at_once(desk: Desk, at_site: Topology, address: str) -> None:
    identity = enrolled(desk, at_site, address)
    serial = f"{identity.certificate.serial_number:x}"
    service.revoke(desk, serial, "ключ утерян", HEAD)
    service.revoke(desk, serial, "ещё раз", HEAD)
    with pytest.raises(PeerRevoked):
        verify_here(desk, identity)
    with pytest.raises(AuthorityRefuses, match="отозван"):
        renew(address, identity, trust_folder(at_site))
    published = httpx2.get(f"http://{address}/api/v1/authority/crl").content
    crl = x509.load_der_x509_crl(published)
    assert crl.get_revoked_certificate_by_serial_number(identity.certificate.serial_number)
    with pytest.raises(CertificateMissing):
        service.revoke(desk, "abc", "-", HEAD)


def test_a_registry_restored_from_a_backup_forgets_nothing(
    desk: Desk, stand: RegionStand, at_site: Topology, address: str
) -> None:
    """What was issued, used and revoked after the backup is read back from the journal beside the key."""
    code = make_code(desk)
    wish = wish_of(code)
    issued = service.enrol(desk, wish, "-")
    serial = f"{x509.load_pem_x509_certificate(issued.certificate.encode()).serial_number:x}"
    service.revoke(desk, serial, "-", HEAD)
    with stand.admin(Place.REGISTRY) as connection:
        connection.execute("delete from authority.certificate where serial = %s", (serial,))
        connection.execute("delete from authority.revocation where serial = %s", (serial,))
        connection.execute(
            "update authority.code set used_at = null, serial = null where verifier = %s", (code.verifier,)
        )
    with pytest.raises(CodeUsed):
        service.enrol(desk, wish_of(code), "-")
    assert service.enrol(desk, wish, "-").certificate == issued.certificate
    crl = x509.load_der_x509_crl(service.publish_now(desk))
    assert crl.get_revoked_certificate_by_serial_number(int(serial, 16)), "even before a command restores the record"


def test_a_kill_before_the_commit_loses_no_certificate(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    code = make_code(desk)
    wish = wish_of(code)
    with monkeypatch.context() as patched:
        patched.setattr(service, "record", _killed)
        with pytest.raises(SystemExit):
            service.enrol(desk, wish, "-")
    signed = [one for one in journal.entries(desk.folder) if one.code == code.verifier]
    issued = service.enrol(desk, wish, "-")
    assert [f"{x509.load_pem_x509_certificate(issued.certificate.encode()).serial_number:x}"] == [
        one.serial for one in signed
    ]


def _killed(*_: object) -> None:
    raise SystemExit


def test_a_torn_line_of_the_journal_harms_no_other(desk: Desk) -> None:
    before = journal.entries(desk.folder)
    with (desk.folder / journal.FILE).open("ab") as file:
        file.write(b'{"act":"issued","at"')
    service.enrol(desk, wish_of(make_code(desk)), "-")
    assert len(journal.entries(desk.folder)) == len(before) + 1


def test_a_request_by_file(desk: Desk, at_site: Topology) -> None:
    files = identity_files(at_site, "site", "polyclinic")
    names = Names("site", "polyclinic", (POLYCLINIC,))
    request = prepare_request(files, names)
    issued = service.certify(desk, Wish(names), request, HEAD)
    assert service.certify(desk, Wish(names), request, HEAD) == issued
    assert install(files, issued.certificate.encode()) == names
    with pytest.raises(KeyKnown):
        service.certify(desk, Wish(SITE), request, HEAD)
    for wrong in (Names("site", "nowhere"), Names("site", "hospital", (POLYCLINIC,)), Names("portal", "p", (7,))):
        with pytest.raises(BearerUnknown):
            service.certify(desk, Wish(wrong), request, HEAD)


def test_a_program_of_the_region(desk: Desk) -> None:
    wish = Wish(Names("program", "region-web"), ("server",), 30, ("localhost",))
    assert service.issue_here(desk, wish, HEAD).exists()
    end = next(one for one in ends_of(service.listed(desk.topology)) if one.label == "program:region-web")
    assert end.is_near(datetime.now(UTC))
    assert end.days_left(datetime.now(UTC)) == 29


def test_every_act_is_in_the_trail(desk: Desk, stand: RegionStand, at_site: Topology, address: str) -> None:
    identity = enrolled(desk, at_site, address)
    renew(address, identity, trust_folder(at_site))
    serial = f"{identity.certificate.serial_number:x}"
    service.revoke(desk, serial, "-", HEAD)
    with stand.admin(Place.REGISTRY) as connection:
        found = connection.execute(
            "select action, actor from audit.access where action like 'authority:%%' and outcome = 'granted'"
            " order by at desc, id desc limit 4"
        ).fetchall()
    assert found == [
        ("authority:certificate:revoke", "command"),
        ("authority:certificate:renew", "site:hospital"),
        ("authority:certificate:enrol", "site:hospital"),
        ("authority:code:create", "command"),
    ]


def test_the_role_of_the_web_makes_no_codes_and_rewrites_nothing(stand: RegionStand) -> None:
    with stand.connect(Place.REGISTRY, "trustmed_region") as connection:
        for statement in (
            "insert into authority.code (verifier, kind, name, organizations, uses, days, made_by, expires_at)"
            " values (decode(repeat('00', 32), 'hex'), 'site', 'x', '{}', '{}', 1, '-', now())",
            "insert into authority.revocation values ('1', now(), '-', '-')",
            "update authority.code set expires_at = now() + interval '1 year'",
            "update authority.certificate set not_after = now()",
            "delete from authority.certificate",
        ):
            with pytest.raises(Exception, match="permission denied"):
                connection.execute(statement)


async def test_strangers_are_slowed_down_and_large_bodies_refused(stand: RegionStand) -> None:
    from litestar.testing import AsyncTestClient

    ensure_authority(stand.topology)
    async with stand.web.client(AsyncTestClient) as client:
        statuses = [(await client.post("/api/v1/authority/enrol", content=b"{}")).status_code for _ in range(25)]
        assert set(statuses[:20]) == {422}
        assert statuses[-1] == 429
        large = await client.post("/api/v1/authority/renew", content=b"x" * 200_000)
        assert large.status_code in (413, 429)
        assert (await client.get("/api/v1/authority/root")).content.startswith(b"-----BEGIN CERTIFICATE")


def test_the_list_is_kept_fresh(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.folder / "root.crl"
    fresh = path.read_bytes()
    publishing.publish_if_old(desk.topology)
    assert path.read_bytes() == fresh
    monkeypatch.setattr(publishing, "FRESH_FOR", timedelta())
    publishing.publish_if_old(desk.topology)
    old, new = x509.load_der_x509_crl(fresh), x509.load_der_x509_crl(path.read_bytes())
    assert number_of(new) > number_of(old)


def number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def answer_or_error(desk: Desk, wish: EnrolWish) -> object:
    try:
        return service.enrol(desk, wish, "-")
    except Exception as error:
        return error


async def test_days_left_are_a_metric(desk: Desk, stand: RegionStand) -> None:
    service.issue_here(desk, Wish(Names("gateway", "measured"), days=40), HEAD)
    pools, registry = Pools(stand.topology), CollectorRegistry()
    await pools.open()
    EndGauge(registry).show(await find_ends(pools), datetime.now(UTC))
    peer = await find_peer(pools, "gateway", "measured")
    await pools.close()
    assert registry.get_sample_value("trustmed_certificate_days_left", {"bearer": "gateway:measured"}) == 39
    assert peer
    assert peer.label == "gateway:measured"
