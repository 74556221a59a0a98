"""The readable schema of each place equals the sum of its migrations; `make schema` writes it anew."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.fix_schema import MakeDatabase
from trustmed.embedded.unprivileged import account, postgres_programs
from trustmed.schema import Place

SNAPSHOTS = Path(__file__).parents[3] / "docs" / "schema"
# Settings of the dump, its random marks and its version are not the schema.
NOISE = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*|)$")


def dump(conninfo: str) -> str:
    """Return the schema as pg_dump prints it, without partitions (all alike) and without noise."""
    settings = conninfo_to_dict(conninfo)
    made = subprocess.run(
        [
            *(str(postgres_programs(account()) / "pg_dump"), "--schema-only", "--exclude-table=*.*_p[0-9][0-9]"),
            "--exclude-table=audit.access_*",  # the trail's months: which there are depends on the day
            *("-h", str(settings["host"]), "-p", str(settings["port"]), "-U", str(settings["user"])),
            str(settings["dbname"]),
        ],
        env={**os.environ, "PGPASSWORD": str(settings["password"])},
        capture_output=True,
        text=True,
        check=True,
    )
    kept = [line for line in made.stdout.splitlines() if not NOISE.match(line)]
    return "\n".join(kept) + "\n"


@pytest.mark.parametrize("place", list(Place))
def test_the_snapshot_equals_the_sum_of_migrations(place: Place, make_database: MakeDatabase) -> None:
    found = dump(make_database(place))
    path = SNAPSHOTS / f"{place}.sql"
    if os.environ.get("TRUSTMED_WRITE_SCHEMA") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8"), f"run `make schema` and look at the difference in {path.name}"
