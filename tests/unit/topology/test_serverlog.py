"""Which subscription a line of the server's log is about, and how old it is."""

from trustmed.topology.things.scram import verifier_matches
from trustmed.topology.watch.serverlog import Tail, lines_by_subscription

AT = "2026-11-23 23:16:15.609 UTC"


def record(message: str, pid: int = 1, severity: str = "LOG", **more: str) -> dict[str, object]:
    return {"timestamp": AT, "pid": pid, "error_severity": severity, "message": message, **more}


def test_lines_find_their_subscription() -> None:
    worker = {"backend_type": "logical replication apply worker"}
    tail = Tail(
        (
            record('logical replication apply worker for subscription "a_to_b" has started', 7, **worker),
            record("could not receive data from WAL stream: closed", 7, "ERROR", **worker),
            record("duplicate key", 8, "ERROR", context='... for replication origin "pg_42" during ...', **worker),
            record('subscription "c_to_d" has been disabled because of an error', 8, **worker),
            record("an error of somebody else", 7, "ERROR", backend_type="client backend"),
        ),
        now="2026-11-23 23:16:25.609",
    )
    found = lines_by_subscription(tail, {42: "c_to_d"})
    assert {name: [line.kind for line in lines] for name, lines in found.items()} == {
        "a_to_b": ["started", "error"],
        "c_to_d": ["error", "disabled by error"],
    }
    assert found["a_to_b"][0].age == 10


def test_words_of_errors_about_rows_quote_no_row() -> None:
    def about_link(message: str, state_code: str, detail: str = "") -> dict[str, object]:
        origin = 'replication origin "pg_42"'
        return record(message, severity="ERROR", context=origin, state_code=state_code, detail=detail)

    lines = (
        about_link('conflict detected on relation "mpi.patient"', state_code="23505", detail="Key (snils)=(1)"),
        about_link('invalid input syntax for type date: "1122334"', state_code="22007"),
        about_link("could not connect to the publisher", state_code="08006", detail="port 5432 is closed"),
    )
    found = lines_by_subscription(Tail(lines, now="2026-11-23 23:16:25.609"), {42: "c_to_d"})
    assert [line.words for line in found["c_to_d"]] == [
        'conflict detected on relation "mpi.patient"',
        "invalid input syntax for type date",
        "could not connect to the publisher port 5432 is closed",
    ]


def test_ages_are_by_the_clock_of_the_log() -> None:
    """A server keeps its log in its own time zone, and its clock may be wrong: neither makes an error old."""
    worker = {"backend_type": "logical replication apply worker"}
    lines = [
        record('logical replication apply worker for subscription "a_to_b" has started', 7, **worker),
        record("password authentication failed", 7, "ERROR", **worker),
    ]
    for line in lines:
        line["timestamp"] = "2031-01-01 02:00:00.500 MSK"
    found = lines_by_subscription(Tail(tuple(lines), now="2031-01-01 02:00:02.000"), {})
    assert [line.age for line in found["a_to_b"]] == [1.5, 1.5]


def test_the_example_verifier_of_rfc_7677_matches() -> None:
    """The example of RFC 7677, section 3: user, pencil."""
    salt = "W22ZaJ0SNY7soEsUEjb6gQ=="
    stored = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
    server = "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    verifier = f"SCRAM-SHA-256$4096:{salt}${stored}:{server}"
    assert verifier_matches(verifier, "pencil")
    assert not verifier_matches(verifier, "pen")
    assert not verifier_matches(None, "pencil")
