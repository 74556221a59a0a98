"""The bundled rows are equal to those of the official dictionaries."""

import json
import os
import zipfile
from pathlib import Path

import pytest
from tests.semd_samples import ROWS

from trustmed.semd.cda.vocabulary import FORM_DICTIONARIES

CODE_COLUMN = {
    "1.2.643.5.1.13.13.99.2.197": "CODE",
    "1.2.643.5.1.13.13.99.2.285": "CODE",
    "1.2.643.5.1.13.13.11.1005": "MKB_CODE",
}
NAME_COLUMN = {
    "1.2.643.5.1.13.13.11.1504": "ADDRESS_TYPE",
    "1.2.643.5.1.13.13.99.2.206": "SUBJECT",
    "1.2.643.5.1.13.13.11.1551": "S_NAME",
    "1.2.643.5.1.13.13.11.1077": "FULL_NAME",
    "1.2.643.5.1.13.13.11.1358": "PRINTNAME",
}
NOT_AT_HAND = {FORM_DICTIONARIES["payment_source"]}


@pytest.mark.nsi
@pytest.mark.parametrize("oid", sorted({oid for oid, _ in ROWS} - NOT_AT_HAND))
def test_bundled_rows_are_the_official_ones(oid: str) -> None:
    named = os.environ.get("TRUSTMED_NSI_DIR")
    if not named or not Path(named).is_dir():
        pytest.skip("TRUSTMED_NSI_DIR does not name a folder with dictionaries")
    mine = {code: coded for (system, code), coded in ROWS.items() if system == oid}
    version = next(iter(mine.values())).system_version
    with zipfile.ZipFile(Path(named) / f"{oid}_{version}.zip") as archive:
        passport = json.loads(archive.read("passport.json"))
        parts = [json.loads(archive.read(name)) for name in archive.namelist() if name.startswith("part")]
    keys = {key["type"]: key["field"] for key in passport["keys"]}
    code, name = CODE_COLUMN.get(oid, keys["PRIMARY"]), NAME_COLUMN.get(oid) or keys["VALUE"]
    rows = [{cell["column"]: cell["value"] for cell in row} for part in parts for row in part["list"]]
    official = {row[code]: row[name] for row in rows}
    assert {c: coded.display for c, coded in mine.items()} == {c: official.get(c) for c in mine}
    assert {(coded.system_name, coded.system_version) for coded in mine.values()} == {
        (passport["fullName"], passport["version"])
    }
