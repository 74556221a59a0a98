"""The effect that links patients to persons as their rows arrive from the sites."""

from collections.abc import Sequence
from typing import Final

from trustmed.feed.changes import Change
from trustmed.feed.effect import Effect, Surroundings
from trustmed.region.index.link import BATCH, link_anew, link_in_parallel, link_patients
from trustmed.region.index.load import link_all
from trustmed.region.index.model import patient_key
from trustmed.schema import Place

WORKERS = 2  # connections: one decides while another waits for the disk


def _link(surroundings: Surroundings, changes: Sequence[Change]) -> None:
    """Link the changed patients, in parallel if there are many; then match anew those for whom stewards asked it."""
    changed = [patient_key(one.new, "id") for one in changes if one.new is not None and one.table == "mpi.patient"]
    if len(set(changed)) > BATCH:
        link_in_parallel(surroundings.connect, WORKERS, changed)
    elif changed:
        link_patients(surroundings.connection, changed)
    if any(one.table == "mpi.rematch" for one in changes if one.new is not None):
        link_anew(surroundings.connection)


def _link_all(surroundings: Surroundings) -> None:
    link_all(surroundings.connect, WORKERS)
    link_anew(surroundings.connection)


LINK_PATIENTS: Final = Effect("link_patients", Place.MPI, frozenset({"mpi.patient", "mpi.rematch"}), _link, _link_all)
