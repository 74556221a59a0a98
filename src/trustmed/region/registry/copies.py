"""Hot copies of persons' lists of documents: their keys, and the effect that drops them."""

from typing import Final
from uuid import UUID

from trustmed.region.persons.drops import dropping_effect
from trustmed.schema import Place

DROP_DOCUMENTS: Final = "drop_hot_documents"
TABLES: Final = frozenset({"registry.document", "mpi.patient_link"})


def documents_key(person_id: UUID) -> str:
    """Return the key of the hot copy of a person's list of documents."""
    return f"person:{person_id}:documents"


DROP_HOT_DOCUMENTS: Final = dropping_effect(DROP_DOCUMENTS, Place.REGISTRY, TABLES, documents_key)
