"""Roles of a server, and their passwords."""

from collections.abc import Iterator
from typing import Self

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.db.rows import find_row, find_rows, find_values
from trustmed.schema import roles_sql
from trustmed.topology.secrets import SecretMissing, ensure_secret, secret
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish, short_digest
from trustmed.topology.things.scram import verifier_matches

QUERIES = load(__package__)
OF_COMMANDS = ("trustmed_keeper", "trustmed_auditor")
AT_REGION = ("trustmed_region", "trustmed_feed", "trustmed_link", "trustmed_monitor", *OF_COMMANDS)
AT_SITE = ("trustmed_clinic", "trustmed_link", "trustmed_monitor", *OF_COMMANDS)


def _edition() -> str:
    return short_digest(roles_sql())


class Roles(Thing, frozen=True, kw_only=True):
    """All the roles, without their passwords. `edition` tells which roles.sql made them, `altered` names those that
    somebody has locked or given other rights since.
    """

    edition: str
    altered: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return ("roles", self.server)

    def noun(self, language: str) -> str:
        return f"roles on {self.server}" if language == "en" else f"роли на {self.server}"

    def difference(self, before: Self, language: str) -> str:
        return ", ".join(before.altered)

    def make(self, session: Session) -> None:
        make_roles(session.at(self.server))

    def change(self, session: Session, before: Self) -> None:
        self.make(session)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        row = find_row(reader.connection, QUERIES["roles_edition"])
        if row is not None:
            altered = tuple(find_values(reader.connection, QUERIES["altered_roles"]))
            yield cls(server=reader.server.name, edition=row["edition"] or "", altered=altered)

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for server in wish.servers(site):
            yield cls(server=server.name, edition=_edition())


def make_roles(connection: psycopg.Connection) -> None:
    """Make all the roles as they shall be, without passwords. May be done again."""
    with connection.transaction():
        connection.execute(roles_sql().encode())
        mark = sql.SQL("comment on role trustmed_owner is {}").format(sql.Literal(_edition()))
        connection.execute(mark)


class Login(Thing, frozen=True, kw_only=True):
    """The password of a role that signs in. `opens`: it is the secret that the deployment keeps."""

    role: str
    opens: bool

    @property
    def key(self) -> Key:
        return ("login", self.server, self.role)

    def noun(self, language: str) -> str:
        where = f"{self.role}, {self.server}"
        return f"password of {where}" if language == "en" else f"пароль роли {where}"

    def make(self, session: Session) -> None:
        password = ensure_secret(session.topology, self.server, self.role)
        set_password(session.at(self.server), self.role, password)

    def change(self, session: Session, before: Self) -> None:
        self.make(session)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for row in find_rows(reader.connection, QUERIES["login_roles"]):
            role = row["rolname"]
            try:
                opens = verifier_matches(row["rolpassword"], secret(reader.session.topology, reader.server.name, role))
            except SecretMissing:
                opens = False
            yield cls(server=reader.server.name, role=role, opens=opens)

    @classmethod
    def wanted(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for server in wish.servers(site):
            places = {p for d in wish.topology.databases() if d.server == server.name for p in d.places}
            roles = (AT_SITE if any(p.is_at_site for p in places) else ()) + (
                AT_REGION if any(not p.is_at_site for p in places) else ()
            )
            for role in dict.fromkeys(roles):
                yield cls(server=server.name, role=role, opens=True)


def set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    """Set the password by its verifier: the password itself would be written to the server's log."""
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier)))
