"""`make bench-mpi`: how right and how fast the master patient index is.

ARGS="--persons 200000 --large 0" is a quick run. Accuracy: docs/matching.md. Everything is made from the seed, in
build/population.
"""

import argparse
import datetime as dt
import time
from pathlib import Path

import msgspec

from benchmarks.harness import Report, publish
from benchmarks.mpi_accuracy import figures, mistakes, run, train_model
from benchmarks.mpi_febrl import febrl3, febrl4
from benchmarks.mpi_memory import MemoryIndex
from benchmarks.mpi_splink import Peer, splink_scores
from benchmarks.mpi_store import latency_figures, load_per_s, match_latencies, registrations_per_s, store
from benchmarks.population.people import BLOCK
from benchmarks.population.queries import Difficulty, Query, queries
from benchmarks.population.register import Register, make
from trustmed.matching.model import FOLDER, PACKAGED, Training, save_model
from trustmed.region.index.weights import model_for_persons

REGION = 1_000_000  # persons that the packaged model expects; an index that knows its size calls `resize_model`
LEVELS: tuple[Difficulty, ...] = ("typical", "hard")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Accuracy of the master patient index")
    arguments.add_argument("--persons", type=int, default=REGION, help="size of the register")
    arguments.add_argument("--queries", type=int, default=20_000, help="queries a level; 8 of 20 train, the rest judge")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--package", action="store_true", help="train the packaged model of this register and stop")
    arguments.add_argument("--large", type=int, default=4_000_000, help="size of the larger index; 0 leaves it out")
    arguments.add_argument("--without-splink", action="store_true", help="our figures alone")
    given = arguments.parse_args()
    folder = make(given.seed, -(-given.persons // BLOCK) * BLOCK)
    index, register = MemoryIndex(folder), Register(folder)
    asked = {level: queries(given.seed, register, len(register), given.queries, level) for level in LEVELS}
    if given.package:
        package(index, asked, given.seed)
        return
    report = accuracy(folder, index, asked, given.seed, peers=not given.without_splink)
    typical = asked["typical"][len(asked["typical"]) * 8 // 20 :]
    del index, register
    report = msgspec.structs.replace(report, figures=report.figures | speeds(folder, typical, given.persons))
    publish(report)
    if given.large:
        large = large_speeds(given.seed, given.large, given.queries)
        publish(msgspec.structs.replace(report, figures=report.figures | large))


def speeds(folder: Path, asked: list[Query], persons: int) -> dict[str, float]:
    """Measure matching and registering beside the index in PostgreSQL, and a first load of a tenth of it."""
    size = f"{persons / REGION:g}m"
    with store(folder) as filled:
        latencies = latency_figures(match_latencies(filled, model_for_persons(persons), asked), size)
        registered = {f"registrations_per_s_{size}": registrations_per_s(filled, asked)}
    return latencies | registered | {"load_patients_per_s": load_per_s(folder)}


def large_speeds(seed: int, persons: int, count: int) -> dict[str, float]:
    folder = make(seed + 1, -(-persons // BLOCK) * BLOCK)
    asked = queries(seed + 1, Register(folder), persons, count // 2, "typical")
    with store(folder) as filled:
        return latency_figures(match_latencies(filled, model_for_persons(persons), asked), f"{persons / REGION:g}m")


def accuracy(folder: Path, index: MemoryIndex, asked: dict[Difficulty, list[Query]], seed: int, peers: bool) -> Report:
    """Report our figures, Splink's as limits, and the ratios of F1."""
    ours: dict[str, float] = {"persons": len(index)}
    theirs: dict[str, float] = {}
    ratios: dict[str, float] = {}
    for level, all_queries in asked.items():
        training = len(all_queries) * 8 // 20
        model = train_model(index, all_queries[:training], training_of(f"invented population, {level}", seed), "bench")
        began = time.monotonic()
        outcomes = run(model, all_queries[training:], index.retrieve)
        ours |= figures(outcomes, level)
        ours[f"match_in_memory_ms_{level}"] = (time.monotonic() - began) / len(outcomes) * 1000
        print(level, dict(mistakes(outcomes)), flush=True)
        if peers:
            judged = range(training, len(all_queries))
            both = {
                words: splink_scores(folder, all_queries, judged, words == "normalised")
                for words in ("raw", "normalised")
            }
            theirs |= splink_figures(both, level)
            ratios[f"f1_{level}_vs_splink"] = ours[f"f1_{level}"] / theirs[f"splink_f1_{level}"]
    third, fourth = febrl3(), febrl4()
    ours |= {"f1_febrl3": third.clustered or 0.0, "f1_febrl3_pairwise": third.pairwise, "f1_febrl4": fourth.pairwise}
    return Report("mpi", ours, theirs, ratios)


def splink_figures(found: dict[str, Peer], level: str) -> dict[str, float]:
    """Return the figures of every way Splink was run, and the best of them as its own."""
    figures: dict[str, float] = {}
    for fed, peer in found.items():
        figures[f"splink_{fed}_f1_at_p99_{level}"] = peer.certain.f1
        figures[f"splink_{fed}_f1_best_{level}"] = peer.best.f1
        figures[f"splink_{fed}_precision_best_{level}"] = peer.best.precision
        figures[f"splink_{fed}_recall_best_{level}"] = peer.best.recall
    figures[f"splink_f1_{level}"] = max(peer.best.f1 for peer in found.values())
    return figures


def package(index: MemoryIndex, asked: dict[Difficulty, list[Query]], seed: int) -> None:
    """Train on both levels' training queries, so that the packaged model knows cards with and without numbers."""
    both = [query for level in LEVELS for query in asked[level][: len(asked[level]) * 8 // 20]]
    model = train_model(index, both, training_of("invented population, typical and hard queries", seed), PACKAGED)
    parameters = msgspec.structs.replace(model.parameters, persons=REGION)
    save_model(parameters, FOLDER / f"{PACKAGED}.json")


def training_of(source: str, seed: int) -> Training:
    return Training(source, dt.datetime.now(dt.UTC).date().isoformat(), seed, 0, 0)


if __name__ == "__main__":
    main()
