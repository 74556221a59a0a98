"""A bad topology file is refused with the line, the key and the permitted values."""

from pathlib import Path

import pytest

from trustmed.topology.file.lines import key_lines
from trustmed.topology.file.load import TopologyRefused, load, parse

DEMO = Path(__file__).parents[3] / "topologies" / "demo.toml"


def refusal_of(text: str) -> TopologyRefused:
    with pytest.raises(TopologyRefused) as caught:
        parse(text, Path("region.toml"))
    return caught.value


def test_the_demo_file_loads() -> None:
    topology = load(DEMO)
    assert [site.name for site in topology.site] == ["hospital", "central", "polyclinic"]
    assert topology.folder == DEMO.parent


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("port = 8150", "port = ", "", "не TOML"),
        ("port = 8150", "prt = 8150", "server[1].prt", "допустимы: name, port"),
        ("port = 8150", "", "server[1]", "нет обязательного ключа «port»"),
        ("port = 8150", 'port = "8150"', "server[1].port", "целое число"),
        ("port = 8151", "port = 8150", "server[2].port", "server[1].port"),
        ("port = 8151", "port = 0", "server[2].port", "от 1 до 65535"),
        ('name = "hub"', 'name = "reference"', "server[2].name", "уже занято: server[1].name"),
        ('name = "hub"', 'name = "Hub"', "server[2].name", "строчные латинские"),
        ('server = "shard2"', 'server = "shard3"', "shard[2].server", "есть: reference, hub, shard1"),
        ('shard = "record1"', 'shard = "record9"', "site[1].shard", "есть: record1, record2"),
        ('shard = "record1"', "", "site[1]", "нет обязательного ключа «shard»"),
        ("id = 202", "id = 201", "site[2].organization[2].id", "уже занято: site[2].organization[1].id"),
        ("2.99.202", "2.99.201", "site[2].organization[2].oid", "уже занято"),
        ("1.2.643.5.1.13.13.12.2.99.301", "1.2.643.05", "site[3].organization[1].oid", "не OID"),
        ('"1029900000016"', '"102"', "site[1].organization[1].ogrn", "13 цифр"),
        ('name = "mpi"', 'name = "nsi"', "segment[2].name", "уже занято"),
        ('name = "mpi"', 'name = "nsi"', "segment", "mpi"),
        ('name = "mpi"', 'name = "index"', "segment[2].name", "nsi, mpi, booking, registry"),
        ('database = "documents" }', 'database = "documents", x = 1 }', "site[1].documents.x", "неизвестный ключ"),
        ('server = "central"\ndata', 'server = "hospital"\ndata', "site[2].database", "site[1]"),
        ('server = "shard2"', 'server = "shard1"', "shard[2].database", "уже отдана: shard[1]"),
        ('listen = "127.0.0.1:8110"', 'listen = "8110"', "site[1].listen", "host:port"),
        ('listen = "127.0.0.1:8111"', 'listen = "127.0.0.1:8110"', "site[2].listen", "site[1].listen"),
        ("redis://127.0.0.1:8191", "redis://:secret@127.0.0.1:8191", "site[1].cache", "без пароля"),
        ("redis://127.0.0.1:8190", "http://127.0.0.1:8190", "region.cache", "redis://"),
        ('cache = "redis://127.0.0.1:8190"', 'trusted_proxies = ["10.0.0.0/8", "proxy"]',
         "region.trusted_proxies", "10.0.0.5"),
        ('listen = "127.0.0.1:8110"', 'trusted_proxies = ["0.0.0.0/0"]\nlisten = "127.0.0.1:8110"',
         "site[1].trusted_proxies", "но не все адреса"),
        ('location = "central"', 'location = "moon"', "site[2].location", "local, central"),
        ("port = 8150", 'port = 8150\nstandby = "yes"', "server[1].standby", "true, false"),
        ("port = 8150", 'port = 8150\nhost = "a b"', "server[1].host", "адрес машины"),
        ('listen = "127.0.0.1:8110"', 'listen = "127.0.0.1:8150"', "site[1].listen", "server[1].port"),
        ('database = "documents" }', 'database = "template1" }', "site[1].documents.database", "самому серверу"),
        ("1.2.643.5.1.13.13.12.2.99.301", "1.40.643", "site[3].organization[1].oid", "не OID"),
        ("1.2.643.5.1.13.13.12.2.99.301", "1.2.٣", "site[3].organization[1].oid", "не OID"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_by_line_and_key(old: str, new: str, key: str, says: str) -> None:
    text = DEMO.read_text("utf-8")
    assert old in text
    error = refusal_of(text.replace(old, new, 1))
    problem = next(problem for problem in error.problems if problem.key == key and says in problem.ru)
    assert f"строка {problem.line}" in error.ru
    assert f"line {problem.line}" in error.en
    changed = text[: text.index(old)].count("\n") + 1
    assert problem.line == changed or key in ("server[1]", "site[1]", "segment") or abs(problem.line - changed) <= 1


def test_where_revocation_lists_come_from_and_how_old_they_may_be() -> None:
    text = DEMO.read_text("utf-8")
    trust = parse(text + '\n[trust]\ncrl_days = 3\ncrl_urls = ["http://ca.example/a.crl"]\n', Path("region.toml")).trust
    assert (trust.crl_days, trust.crl_days_cut_off, trust.crl_urls) == (3, 30, ("http://ca.example/a.crl",))
    for lines, key in (
        ("crl_days = 0", "trust.crl_days"),
        ("crl_days = 31", "trust.crl_days"),
        ('crl_urls = ["ldap://ca/a"]', "trust.crl_urls[1]"),
        ('proxy = "proxy:3128"', "trust.proxy"),
        ("days = 1", "trust.days"),
    ):
        refused = refusal_of(f"{text}\n[trust]\n{lines}\n")
        assert key in [problem.key for problem in refused.problems], refused.ru


def test_every_problem_is_reported_at_once() -> None:
    text = DEMO.read_text("utf-8").replace('shard = "record1"', 'shard = "x"').replace("id = 202", "id = 201")
    assert [problem.key for problem in refusal_of(text).problems] == ["site[1].shard", "site[2].organization[2].id"]


def test_a_site_linked_by_packets_loads() -> None:
    text = DEMO.read_text("utf-8").replace('location = "central"', 'location = "central"\nlink = "packets"')
    assert parse(text, DEMO).site_named("central").link == "packets"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TopologyRefused, match=r"absent\.toml"):
        load(tmp_path / "absent.toml")


def test_keys_of_inline_tables_have_their_lines() -> None:
    """A list of inline tables over several lines; quotes and brackets in comments and strings do not mislead it."""
    text = """
    # a comment with three quotes: \"\"\"
    text = '''[[site]]
    name = 1''' # \"\"\"
    site = [
        { name = "a]", organization = [{ id = 1 },
            { id = 2, "o.id" = '#' }] },
        { name = "b" },
    ]
    x.y = 3
    """
    lines = key_lines(text)
    assert lines["site",] == 5
    assert lines["site", 0, "organization", 0, "id"] == 6
    assert lines["site", 0, "organization", 1, "id"] == lines["site", 0, "organization", 1, "o.id"] == 7
    assert lines["site", 1, "name"] == 8
    assert lines["x", "y"] == 10


def test_a_file_written_on_windows_loads(tmp_path: Path) -> None:
    path = tmp_path / "region.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DEMO.read_bytes().replace(b"\n", b"\r\n"))
    assert len(load(path).site) == 3


def test_names_that_give_two_links_one_name_are_refused(tmp_path: Path) -> None:
    text = DEMO.read_text("utf-8")
    text = text.replace('name = "central"\nport', 'name = "hospital_x"\nport').replace(
        '"central"\ndata', '"hospital_x"\ndata'
    )
    text = text.replace('server = "hospital"\ndatabase = "clinic"', 'server = "hospital"\ndatabase = "x_clinic"')
    assert [problem.key for problem in refusal_of(text).problems] == ["site[2].database"]
