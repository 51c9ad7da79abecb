"""How the model of duplicates is trained: once for everybody, and again for lists unlike ours.

Without labels splink's expectation maximisation finds out how often the records of one person
agree, as it did for the figures on FEBRL 3 in bench/matching.py. The model in the repository was
trained with labels, which also tell relatives from duplicates (tests/data/people/train.py).
"""

from typing import Any

import duckdb
import pyarrow as pa
from splink import block_on

from crm.people.comparing import COMPARISONS
from crm.people.linkage import linker_for, pairs, people_of, settings
from crm.people.scoring import SUSPECT_FROM, Frequencies, Model, level_of, weight_of

SEED = 1
SAMPLED = 5e6  # pairs, for how often the records of two people agree
# What was seen less often than this is taken to be just so rare: no field decides alone.
FEWEST_M, FEWEST_U = 5e-4, 1e-7
MISTAKEN = 0.01  # of pairs of relatives, so many may be suspected
MARGIN = 2.0  # more weight is taken away, for on other lists names are rarer
INDEPENDENT = tuple(each for each in COMPARISONS if each.name != "relatives")
RELATIVES = next(each for each in COMPARISONS if each.name == "relatives")
NO_EVIDENCE = (0.5, 0.5)
NEUTRAL = {"relatives": {level.name: NO_EVIDENCE for level in RELATIVES.levels}}
SURE = ("given", "family", "birth"), ("birth", "street", "number"), ("given", "family", "street")
SURE_FIND = 0.9  # of all pairs
PASSES = ("birth",), ("family", "given"), ("street", "postcode")


def train(connection: duckdb.DuckDBPyConnection) -> tuple[Model, float]:
    """Return a model of the people in the table, of whom nobody knows who is who, and its prior."""
    linker = linker_for(connection, settings(None, 1e-4, INDEPENDENT))
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(*fields) for fields in SURE], recall=SURE_FIND
    )
    training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=SEED)
    for fields in PASSES:
        training.estimate_parameters_using_expectation_maximisation(block_on(*fields))
    trained = linker.misc.save_model_to_json()
    return read(trained) | NEUTRAL, trained["probability_two_random_records_match"]


def train_with_labels(
    connection: duckdb.DuckDBPyConnection, person_of: dict[int, int], found: Frequencies
) -> Model:
    """Return a model of people of whom we know who is who."""
    labels = pa.table({"id": list(person_of), "cluster": list(person_of.values())})
    connection.register("labels", labels)
    connection.execute("ALTER TABLE people ADD COLUMN cluster bigint")
    connection.execute("UPDATE people SET cluster = l.cluster FROM labels l WHERE l.id = people.id")
    linker = linker_for(connection, settings(None, 1e-4, INDEPENDENT))
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED, seed=SEED)
    linker.training.estimate_m_from_label_column("cluster")
    model = read(linker.misc.save_model_to_json()) | NEUTRAL
    return model | {"relatives": relatives(connection, model, person_of, found)}


def read(trained: dict[str, Any]) -> dict[str, dict[str, tuple[float, float]]]:
    """Return m and u of each level from what splink saves."""
    model = {
        comparison["output_column_name"]: {
            level["label_for_charts"]: (
                max(level.get("m_probability") or 0, FEWEST_M),
                max(level.get("u_probability") or 0, FEWEST_U),
            )
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        }
        for comparison in trained["comparisons"]
    }
    # That names are exchanged is one fact: the given name tells it, with what both names weigh.
    model["family"]["swapped"] = NO_EVIDENCE
    return model


def relatives(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    person_of: dict[int, int],
    found: Frequencies,
) -> dict[str, tuple[float, float]]:
    """Return what to take away for each way of being related, so that hardly any are suspected."""
    candidates = pairs(connection, model, found, weight=-10)
    people = people_of(connection, candidates)
    seen: dict[str, list[tuple[float, bool]]] = {level.name: [] for level in RELATIVES.levels}
    for one, other, weight in candidates:
        level = level_of(RELATIVES, people[one], people[other])
        assert level is not None
        seen[level.name].append((weight, person_of[one] == person_of[other]))
    return {
        name: NO_EVIDENCE if name == "different" else as_probabilities(correction(outcomes))
        for name, outcomes in seen.items()
    }


def correction(outcomes: list[tuple[float, bool]]) -> float:
    """Return the weight to add, so that of those who are two hardly any are taken for one."""
    weights = sorted(weight for weight, is_one in outcomes if not is_one)
    if not weights:
        return 0.0
    highest = weights[int(len(weights) * (1 - MISTAKEN))]
    return round(min(weight_of(SUSPECT_FROM) - highest - MARGIN, 0.0), 1)


def as_probabilities(weight: float) -> tuple[float, float]:
    """Write a weight below nought as an m and a u."""
    return 0.5 * 2**weight, 0.5
