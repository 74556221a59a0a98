"""Revocation lists travel to a site over a real link; a restored region does not take back what the site has."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.integration.topology.conftest import Region
from tests.waiting import eventually

from trustmed.region.trust.carrying import carry_lists
from trustmed.signature.software.authority import create_root, publish_crl
from trustmed.signature.software.signing import certificate_pem


def test_lists_of_the_trusted_travel_and_an_older_one_replaces_nothing(working: Region, tmp_path: Path) -> None:
    root, stranger = create_root("Тестовый УЦ"), create_root("Чужой УЦ")
    now = datetime.now(UTC)

    def put(name: str, number: int, age: timedelta) -> bytes:
        authority = stranger if name == "strange.crl" else root
        content = publish_crl(authority, [], number, now - age, now + timedelta(days=1))
        (tmp_path / name).write_bytes(content)
        return content

    def at_site() -> list[bytes]:
        return [content for (content,) in working.clinic().execute("select content from trust.revocation_list")]

    (tmp_path / "root.crt").write_bytes(certificate_pem(root.chain[0]))
    put("strange.crl", 1, timedelta(hours=1))
    first = put("ours.crl", 1, timedelta(hours=2))
    assert len(carry_lists(working.topology, tmp_path)) == 1, "only what a certificate of the folder signed"
    eventually(lambda: at_site() == [first])
    second = put("ours.crl", 2, timedelta(hours=1))
    carry_lists(working.topology, tmp_path)
    eventually(lambda: at_site() == [second])
    put("ours.crl", 1, timedelta(hours=2))
    assert carry_lists(working.topology, tmp_path) == []
