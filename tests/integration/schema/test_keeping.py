"""Accounts and client systems are kept by functions that check, and each act leaves a trace."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from tests.fix_schema import MakeDatabase
from trustmed.passwords import hash_password
from trustmed.schema import Place

HASH = hash_password("a long password")
HOSPITAL, AMBULANCE = 101, 102


def call(connection: psycopg.Connection, function: str, *values: object) -> Any:
    """Return what a function of schema `access` answers."""
    places = ", ".join(["%s"] * len(values))
    row = connection.execute(f"select access.{function}({places})".encode(), values).fetchone()
    assert row
    return row[0]


def work_as(connection: psycopg.Connection, role: str, organization_id: int | None = None) -> None:
    """Let what follows be done by the role, for the organisation."""
    connection.execute("reset session authorization")
    connection.execute(f"set session authorization {role}".encode())
    connection.execute("select set_config('trustmed.organization_id', %s, false)", (str(organization_id or ""),))


def traces(connection: psycopg.Connection) -> list[tuple[str, str, str]]:
    """Return who did what to which account, the first act first."""
    connection.execute("reset session authorization")
    return connection.execute("select actor_name, action, ground_detail from audit.access order by at").fetchall()


@pytest.fixture
def site(make_database: MakeDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(make_database(Place.SITE), autocommit=True) as connection:
        yield connection


@pytest.fixture
def region(make_database: MakeDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(make_database(Place.REGISTRY), autocommit=True) as connection:
        yield connection


def add_staff(connection: psycopg.Connection, login: str, role: str, organization_id: int = HOSPITAL) -> UUID:
    work_as(connection, "trustmed_keeper")
    names = ("Проверкина", "Алиса", None, None, "110")
    return call(connection, "add_account", None, "root", organization_id, login, HASH, role, *names)


def test_a_head_keeps_the_accounts_of_the_own_organisation_on_record(site: psycopg.Connection) -> None:
    head, doctor = add_staff(site, "Head", "head"), add_staff(site, "doctor", "doctor")
    assert add_staff(site, "HEAD", "doctor") is None
    work_as(site, "trustmed_clinic", HOSPITAL)
    assert call(site, "set_account_role", head, None, HOSPITAL, doctor, "registrar")
    assert call(site, "set_account_disabled", head, None, HOSPITAL, doctor, True)
    assert call(site, "set_password", head, None, HOSPITAL, doctor, HASH)
    assert not call(site, "set_account_disabled", head, None, HOSPITAL, uuid4(), True)
    name = "Проверкина Алиса"
    assert traces(site) == [
        ("root", "account:card:create", "head: head"),
        ("root", "account:card:create", "doctor: doctor"),
        (name, "account:role:change", "doctor: doctor → registrar"),
        (name, "account:card:disable", "doctor"),
        (name, "account:password:change", "doctor"),
    ]


def test_nobody_else_at_a_site_keeps_accounts(site: psycopg.Connection) -> None:
    head, doctor = add_staff(site, "head", "head"), add_staff(site, "doctor", "doctor")
    strange = add_staff(site, "strange", "head", AMBULANCE)
    work_as(site, "trustmed_clinic", HOSPITAL)
    refused = (
        (None, HOSPITAL, doctor, "head"),  # a command's way is not the web's
        (doctor, HOSPITAL, doctor, "head"),
        (head, HOSPITAL, head, "doctor"),
        (strange, HOSPITAL, doctor, "head"),
        (strange, AMBULANCE, strange, "doctor"),
    )
    for by_account, organization_id, of_account, role in refused:
        with pytest.raises(errors.InsufficientPrivilege):
            call(site, "set_account_role", by_account, "root", organization_id, of_account, role)
    with pytest.raises(errors.InsufficientPrivilege):
        call(site, "set_password", doctor, None, HOSPITAL, head, HASH)
    with pytest.raises(errors.CheckViolation):
        call(site, "set_account_role", head, None, HOSPITAL, doctor, "god")
    work_as(site, "trustmed_keeper")
    call(site, "set_account_disabled", None, "root", HOSPITAL, head, True)
    work_as(site, "trustmed_clinic", HOSPITAL)
    with pytest.raises(errors.InsufficientPrivilege):
        call(site, "set_account_role", head, None, HOSPITAL, doctor, "registrar")


@pytest.mark.parametrize(
    "password_hash",
    ["secret", HASH.replace("argon2id", "argon2i"), HASH.replace("m=65536", "m=1024"), None],
    ids=["no hash", "another algorithm", "little memory", "nothing"],  # hashes differ in every process of a run
)
def test_a_password_is_stored_as_a_dear_hash_or_not_at_all(
    site: psycopg.Connection, region: psycopg.Connection, password_hash: str | None
) -> None:
    account = add_staff(site, "doctor", "doctor")
    with pytest.raises(errors.InvalidParameterValue):
        call(site, "set_password", None, "root", HOSPITAL, account, password_hash)
    work_as(region, "trustmed_keeper")
    with pytest.raises(errors.InvalidParameterValue):
        call(region, "add_account", None, "root", "one", password_hash, "Один", "analyst")


def test_an_engineer_keeps_accounts_and_clients_of_the_region_on_record(region: psycopg.Connection) -> None:
    work_as(region, "trustmed_keeper")
    engineer = call(region, "add_account", None, "root", "Engineer", HASH, "Инженер", "engineer")
    analyst = call(region, "add_account", None, "root", "analyst", HASH, "Аналитик", "analyst")
    work_as(region, "trustmed_region")
    portal = call(region, "add_client", engineer, None, "portal", "a" * 64, ["portal"])
    assert call(region, "rotate_client", engineer, None, portal, "b" * 64)
    assert call(region, "set_client_disabled", engineer, None, portal, True)
    assert call(region, "add_client", engineer, None, "portal", "c" * 64, ["portal"]) is None
    for refused in (
        ("add_client", analyst, None, "p", "d" * 64, ["mpi"]),
        ("add_client", None, "root", "p", "d" * 64, ["mpi"]),
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            call(region, *refused)
    with pytest.raises(errors.InsufficientPrivilege):
        call(region, "set_account_role", engineer, None, engineer, "steward")
    with pytest.raises(errors.InvalidParameterValue):
        call(region, "rotate_client", engineer, None, portal, "the token itself")
    assert [trace[1:] for trace in traces(region)] == [
        ("account:card:create", "engineer: engineer"),
        ("account:card:create", "analyst: analyst"),
        ("client:card:create", "portal: portal"),
        ("client:token:rotate", "portal"),
        ("client:card:disable", "portal"),
    ]
