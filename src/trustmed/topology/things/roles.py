"""Roles of a server, and their passwords."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Self

import psycopg
from psycopg import sql

from trustmed.db.queries import load
from trustmed.schema import roles_sql
from trustmed.topology.secrets import SecretMissing, secret, secret_or_new
from trustmed.topology.things.base import Key, Reader, Session, Thing, Wish
from trustmed.topology.things.scram import verifier_matches

QUERIES = load(__package__)
AT_REGION = ("trustmed_region", "trustmed_feed", "trustmed_link", "trustmed_monitor")
AT_SITE = ("trustmed_clinic", "trustmed_link", "trustmed_monitor")


def _edition() -> str:
    return sha256(roles_sql().encode()).hexdigest()[:16]


class Roles(Thing, frozen=True, kw_only=True):
    """All the roles without their passwords; `edition` is of the file that made them, `altered` names those that
    somebody locked out or gave other rights since.
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
        row = reader.connection.execute(QUERIES["roles_edition"]).fetchone()
        if row is not None:
            altered = tuple(name for (name,) in reader.connection.execute(QUERIES["altered_roles"]).fetchall())
            yield cls(server=reader.server.name, edition=row[0] or "", altered=altered)

    @classmethod
    def want(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for server in wish.servers(site):
            yield cls(server=server.name, edition=_edition())


def make_roles(connection: psycopg.Connection) -> None:
    """All the roles as they shall be, passwords apart; may be done again."""
    with connection.transaction():
        connection.execute(roles_sql().encode())
        mark = sql.SQL("comment on role trustmed_owner is {}").format(sql.Literal(_edition()))
        connection.execute(mark)


class Login(Thing, frozen=True, kw_only=True):
    """A role that signs in; `opens` if the secret kept by the deployment is its password."""

    role: str
    opens: bool

    @property
    def key(self) -> Key:
        return ("login", self.server, self.role)

    def noun(self, language: str) -> str:
        where = f"{self.role}, {self.server}"
        return f"password of {where}" if language == "en" else f"пароль роли {where}"

    def make(self, session: Session) -> None:
        password = secret_or_new(session.topology, self.server, self.role)
        set_password(session.at(self.server), self.role, password)

    def change(self, session: Session, before: Self) -> None:
        self.make(session)

    @classmethod
    def read(cls, reader: Reader) -> Iterator[Self]:
        for role, verifier in reader.connection.execute(QUERIES["login_roles"]).fetchall():
            try:
                opens = verifier_matches(verifier, secret(reader.session.topology, reader.server.name, role))
            except SecretMissing:
                opens = False
            yield cls(server=reader.server.name, role=role, opens=opens)

    @classmethod
    def want(cls, wish: Wish, site: str | None) -> Iterator[Self]:
        for server in wish.servers(site):
            places = {p for d in wish.topology.databases() if d.server == server.name for p in d.places}
            roles = (AT_SITE if any(p.is_at_site for p in places) else ()) + (
                AT_REGION if any(not p.is_at_site for p in places) else ()
            )
            for role in dict.fromkeys(roles):
                yield cls(server=server.name, role=role, opens=True)


def set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    """The server gets a verifier: the password itself would stand in its log."""
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier)))
