"""Splink on the same files: trained without labels, on the raw files and on those with our normalisation.

Its own comparisons, with term frequencies for names, a blocking rule for each kind of our keys, and the true prior.
It has no rules of conflict and no review; it links a query to the best candidate above a probability.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import duckdb
import msgspec
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.mpi_accuracy import Score, score
from benchmarks.population.queries import Query
from benchmarks.population.register import write_queries

PAIRS = 5e6  # random pairs that strangers' rates are counted on
LEAST = 0.001  # probability below which no pair is looked at


class Peer(msgspec.Struct, frozen=True):
    """Splink's scores with links at p of 0.99 and above, and at the threshold that suits it best."""

    certain: Score
    best: Score


def splink_scores(folder: Path, queries: Sequence[Query], judged: range, normalised: bool) -> Peer:
    """Score Splink on the queries in `judged`; it is trained on all of them, without truths."""
    raw, normal = write_queries([one.card for one in queries], folder / "queries")
    links = _find_best_links(
        folder / "*.normal.csv" if normalised else folder / "????.csv", normal if normalised else raw, normalised
    )
    truths = [queries[number].truth for number in judged]

    def at(least: float) -> Score:
        chosen = (links.get(number) for number in judged)
        return score(zip(truths, (one[0] if one and one[1] >= least else None for one in chosen), strict=True))

    thresholds = [0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999, 0.999999, 0.9999999]
    return Peer(at(0.99), max((at(least) for least in thresholds), key=lambda one: one.f1))


def _find_best_links(register: Path, queries: Path, normalised: bool) -> dict[int, tuple[int, float]]:
    """Return the likeliest person of each query and the probability."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    for name, files in (("register", register), ("queries", queries)):
        connection.execute(
            f"create table {name} as select *, truth as unique_id, {_DERIVED[normalised]} "
            f"from read_csv('{files}', all_varchar = true, header = true, nullstr = '')"
        )
    persons = connection.execute("select count(*) from register").fetchall()[0][0]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=_comparisons(normalised),
        blocking_rules_to_generate_predictions=_blocks(normalised),
        probability_two_random_records_match=1 / persons,
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection)
    linker = Linker([api.register("register"), api.register("queries")], settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS)
    first, second = _training_blocks(normalised)
    linker.training.estimate_parameters_using_expectation_maximisation(first, fix_u_probabilities=True)
    linker.training.estimate_parameters_using_expectation_maximisation(second, fix_u_probabilities=True)
    pairs = linker.inference.predict(threshold_match_probability=LEAST)
    rows = connection.execute(
        f"select case when source_dataset_l = 'queries' then unique_id_l else unique_id_r end as query, "
        f"case when source_dataset_l = 'queries' then unique_id_r else unique_id_l end as person, match_probability "
        f"from {pairs.physical_name} order by match_probability, person"
    ).fetchall()
    connection.close()
    return {int(query): (int(found), probability) for query, found, probability in rows}


_DERIVED = {
    False: "substr(birth_date, 1, 4) as born_year, lower(given_name) as given",
    True: "substr(born, 1, 4) as born_year, street || ' ' || house as place, "
    "[surname_sound] as surname_sounds, [given_sound] as given_sounds",
}


def _comparisons(normalised: bool) -> list:
    if normalised:
        return [
            cl.NameComparison("surname", dmeta_col_name="surname_sounds").configure(term_frequency_adjustments=True),
            cl.NameComparison("given_name_base", dmeta_col_name="given_sounds").configure(
                term_frequency_adjustments=True
            ),
            cl.NameComparison("father").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("born", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.LevenshteinAtThresholds("snils", 1),
            cl.LevenshteinAtThresholds("enp", 1),
            cl.LevenshteinAtThresholds("document", 1),
            cl.ExactMatch("phone"),
            cl.JaroWinklerAtThresholds("place", [0.95, 0.88]),
        ]
    return [
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("patronymic").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("birth_date", input_is_string=True),
        cl.ExactMatch("sex"),
        cl.LevenshteinAtThresholds("snils", 1),
        cl.LevenshteinAtThresholds("enp", 1),
        cl.LevenshteinAtThresholds("identity_number", 1),
        cl.ExactMatch("phone"),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
    ]


def _blocks(normalised: bool) -> list:
    if normalised:
        return [
            block_on("snils"),
            block_on("enp"),
            block_on("document"),
            block_on("born", "surname_sound"),
            block_on("born", "given_name_base"),
            block_on("born", "father"),
            block_on("surname_sound", "given_name_base", "born_year"),
            block_on("surname_sound", "given_name_base", "father"),
            block_on("phone", "given_name_base"),
            block_on("place", "given_name_base"),
        ]
    return [
        block_on("snils"),
        block_on("enp"),
        block_on("identity_series", "identity_number"),
        block_on("birth_date", "surname"),
        block_on("birth_date", "given_name"),
        block_on("birth_date", "patronymic"),
        block_on("surname", "given_name", "born_year"),
        block_on("surname", "given_name", "patronymic"),
        block_on("phone", "given_name"),
        block_on("address", "given_name"),
    ]


def _training_blocks(normalised: bool) -> tuple:
    if normalised:
        return block_on("born", "given_sound"), block_on("surname", "given_name_base", "father")
    return block_on("birth_date", "given_name"), block_on("surname", "given_name", "patronymic")
