"""The effect that links patients to persons as their rows come from the sites."""

from collections.abc import Sequence
from typing import Final

from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.index.link import BATCH, link_anew, link_in_parallel, link_patients
from trustmed.region.index.load import link_all
from trustmed.region.index.model import patient_key
from trustmed.schema import Place

WORKERS = 2  # connections: while one waits for the disk, another decides


def _link(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    """Link patients as they came, side by side if many; then those whom stewards' acts want matched anew."""
    came = [patient_key(one.new, "id") for one in changes if one.new is not None and one.table == "mpi.patient"]
    if len(set(came)) > BATCH:
        link_in_parallel(surroundings.connect, WORKERS, came)
    elif came:
        link_patients(surroundings.connection, came)
    if any(one.table == "mpi.rematch" for one in changes if one.new is not None):
        link_anew(surroundings.connection)


def _link_all(surroundings: Surroundings) -> None:
    link_all(surroundings.connect, WORKERS)
    link_anew(surroundings.connection)


LINK_PATIENTS: Final = Effect("link_patients", Place.MPI, frozenset({"mpi.patient", "mpi.rematch"}), _link, _link_all)
