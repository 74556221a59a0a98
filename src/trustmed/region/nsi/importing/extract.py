"""Read the built-in handful of rows, and files like it, as tables: extracts, to be completed by whole versions."""

from itertools import groupby
from operator import attrgetter

from trustmed.region.nsi.files.columns import Roles
from trustmed.region.nsi.files.passport import new_passport
from trustmed.region.nsi.files.refusals import Where
from trustmed.region.nsi.files.table import Heading, Row, Table, check_keys
from trustmed.semd.cda.vocabulary import read_dictionaries

ROLES = Roles("CODE", "CODE", "NAME")


def extracts_of(toml: str, name: str) -> list[Table]:
    """Return the tables of a file of [[dictionary]] oid, title, version, rows [code, name]. Refusals call the file
    `name`.

    Raises DictionariesBroken, KeyRepeated.
    """
    version_of = attrgetter("system", "system_version", "system_name")
    tables = []
    for (oid, version, title), coded in groupby(read_dictionaries(toml), version_of):
        where = Where(name, page=oid)
        rows: list[Row] = [{"CODE": one.code, "NAME": one.display} for one in coded]
        check_keys(rows, "CODE", lambda index, where=where: where.at(row=index + 1))
        columns = ("CODE", "NAME")
        passport = new_passport(oid, version, title, columns, {"PRIMARY": "CODE", "VALUE": "NAME"})
        heading = Heading(where, oid, version, title, None, None, (), columns, ROLES, is_extract=True)
        tables.append(Table(heading, passport, rows))
    return tables
