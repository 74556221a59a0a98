"""The demo's certification authority and the software keys of its doctors and organisations."""

import datetime as dt
from pathlib import Path

import msgspec

from trustmed.signature.software import authority_folder
from trustmed.signature.software.authority import issue_doctor, issue_organization, valid_for
from trustmed.topology.file.spec import Organization, Topology

NAME = "ТрастМед, демонстрационный удостоверяющий центр"
CRL_DAYS = 30
KEY_DAYS = 365


class Doctor(msgspec.Struct, frozen=True):
    """A doctor who gets a key; `given_name` is name and patronymic."""

    organization: Organization
    snils: str
    surname: str
    given_name: str


def issue_keys(topology: Topology, doctors: list[Doctor]) -> None:
    """Issue a key to every organisation and doctor that has none, and publish a fresh revocation list."""
    secrets = topology.folder / topology.region.secrets
    keys = secrets / "keys"
    keys.mkdir(mode=0o700, exist_ok=True)
    authority = authority_folder.open_authority(secrets / "authority", NAME)
    now = dt.datetime.now(dt.UTC)
    authority_folder.publish(
        secrets / "authority", authority, now, now + dt.timedelta(days=CRL_DAYS), trust=secrets / "trust"
    )
    for organization in (organization for site in topology.site for organization in site.organization):
        if not _files(keys, organization.ogrn)[0].exists():
            key = issue_organization(authority, organization.title, organization.ogrn, validity=valid_for(KEY_DAYS))
            key.save(*_files(keys, organization.ogrn))
    for doctor in doctors:
        if not _files(keys, doctor.snils)[0].exists():
            key = issue_doctor(
                authority,
                doctor.surname,
                doctor.given_name,
                doctor.snils,
                doctor.organization.title,
                validity=valid_for(KEY_DAYS),
            )
            key.save(*_files(keys, doctor.snils))


def _files(keys: Path, name: str) -> tuple[Path, Path]:
    return keys / f"{name}.pem", keys / f"{name}.crt"
