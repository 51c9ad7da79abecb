"""Comparing everybody with everybody: splink on DuckDB, in this process, within bounds of memory.

Only the search through all records and the training import this: it takes half a second to load.
"""

import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from crm.people.comparing import COMPARISONS
from crm.people.levels import Comparison, Person
from crm.people.scoring import RARE, SEVERAL, Frequencies, Model, share

MEMORY = "800MB"
LEFT = 24 * 60 * 60  # seconds after which a folder is nobody's any more
PARTS = 8  # of the work, after each of which one can tell how far it is
Found = tuple[int, int, float]  # two keys, the lesser first, and the weight of the pair
CHUNK = 10_000  # people
# Who share one of these is compared; what more people than this share tells nothing.
LARGEST = 400
BLOCKS = (
    "least(given, family) || '|' || greatest(given, family)",
    "birth",
    "family || '|' || postcode",
    "given || '|' || postcode",
    "given_root || '|' || postcode",
    "street || '|' || number",
    "town || '|' || number || '|' || left(street, 4)",
    "left(given, 3) || '|' || street",
    "left(family_core, 4) || '|' || number",
    "left(family_core, 4) || '|' || left(postcode, 2) || '|' || left(given, 1)",
    "left(given, 4) || '|' || left(postcode, 3) || '|' || left(family_core, 1)",
)
TYPES = pa.schema(
    [
        (name, pa.int64() if name == "id" else pa.string())
        if name not in ("given_words", "family_words", "phones")
        else (name, pa.list_(pa.string()))
        for name in Person._fields
    ]
)
FREQUENT = tuple(
    level.frequency for each in COMPARISONS for level in each.levels if level.frequency
)
logging.getLogger("splink").setLevel(logging.ERROR)


@contextmanager
def opened(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory; what does not fit spills into a folder that is emptied after."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("matching-*"):
        if time.time() - left.stat().st_mtime > LEFT:  # by a worker that died
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="matching-", dir=folder) as spill:
        connection = duckdb.connect()
        try:
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            connection.execute(f"SET temp_directory = '{spill}'")
            connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()


def fill(
    connection: duckdb.DuckDBPyConnection,
    people: Iterable[Person],
    told: Callable[[int], None] = lambda done: None,
) -> int:
    """Copy people into the table; tell after each chunk how many there are."""
    rows, done = iter(people), 0
    connection.register("chunk", TYPES.empty_table())
    connection.execute("CREATE TABLE loaded AS FROM chunk")
    while chunk := list(islice(rows, CHUNK)):
        columns = dict(zip(Person._fields, zip(*chunk, strict=True), strict=True))
        connection.register("chunk", pa.table(columns, schema=TYPES))
        connection.execute("INSERT INTO loaded FROM chunk")
        done += len(chunk)
        told(done)
    connection.unregister("chunk")
    block(connection)
    return done


def block(connection: duckdb.DuckDBPyConnection) -> None:
    """Add by what people are brought together."""
    keys = ", ".join(f"{key} AS block_{number}" for number, key in enumerate(BLOCKS))
    connection.execute(
        "CREATE TABLE numbers AS SELECT id, unnest(phones) AS number FROM loaded;"
        "DELETE FROM numbers WHERE number IN "
        f"(SELECT number FROM numbers GROUP BY 1 HAVING count(*) > {LARGEST});"
        f"CREATE TABLE people AS SELECT loaded.*, {keys}, block_phones FROM loaded LEFT JOIN "
        "(SELECT id, list(number) AS block_phones FROM numbers GROUP BY 1) USING (id);"
        "DROP TABLE loaded"
    )
    for number in range(len(BLOCKS)):
        name = f"block_{number}"
        large = f"SELECT {name} FROM people GROUP BY 1 HAVING count({name}) > {LARGEST}"
        if found := connection.execute(large).fetchall():
            condition = f"{name} IN (SELECT unnest(?))"
            values = [[value for (value,) in found]]
            connection.execute(f"UPDATE people SET {name} = NULL WHERE {condition}", values)


def frequencies(connection: duckdb.DuckDBPyConnection) -> Frequencies:
    """Count what is frequent."""
    (people,) = connection.execute("SELECT count(*) FROM people").fetchall()[0]
    counted = {
        name: connection.execute(
            f"SELECT {name}, count(*) FROM people WHERE {name} IS NOT NULL"
            f" GROUP BY 1 HAVING count(*) >= {SEVERAL} ORDER BY 2 DESC, 1"
        ).fetchall()
        for name in FREQUENT
    }
    shares = {
        name: {
            value: share(count, people)
            for value, count in rows
            if share(count, people) > RARE[name]
        }
        for name, rows in counted.items()
    }
    return Frequencies(people, shares)


def pairs(
    connection: duckdb.DuckDBPyConnection, model: Model, found: Frequencies, *, weight: float
) -> list[Found]:
    """Return the pairs of people with at least this weight."""
    parts = pairs_in_parts(connection, model, found, weight=weight, parts=1)
    return [pair for part in parts for pair in part]


def pairs_in_parts(
    connection: duckdb.DuckDBPyConnection,
    model: Model,
    found: Frequencies,
    *,
    weight: float,
    parts: int = PARTS,
) -> Iterator[list[Found]]:
    """Yield the pairs of people with at least this weight, in so many parts."""
    linker = linker_for(connection, settings(model, found.prior))
    for name in FREQUENT:
        register_frequencies(linker, connection, name, found)
    for part in range(1, parts + 1):
        result = linker.inference.predict_chunk(
            left_chunk=(part, parts),
            right_chunk=(1, 1),
            threshold_match_weight=weight,
            warning_mode="never",
        )
        columns = "least(id_l, id_r), greatest(id_l, id_r), match_weight"
        yield connection.execute(f"SELECT {columns} FROM {result.physical_name}").fetchall()
        result.drop_table_from_database_and_remove_from_cache()


def people_of(connection: duckdb.DuckDBPyConnection, found: list[Found]) -> dict[int, Person]:
    """Return those who are in these pairs."""
    ids = pa.table({"id": sorted({each for pair in found for each in pair[:2]})})
    connection.register("wanted", ids)
    columns = ", ".join(Person._fields)
    rows = connection.execute(
        f"SELECT {columns} FROM people SEMI JOIN wanted USING (id)"
    ).fetchall()
    return {row[0]: Person(*row) for row in rows}


def linker_for(connection: duckdb.DuckDBPyConnection, creator: SettingsCreator) -> Linker:
    table = DuckDBAPI(connection=connection).register("people")
    return Linker(table, creator, log_level=None)


def register_frequencies(
    linker: Linker, connection: duckdb.DuckDBPyConnection, name: str, found: Frequencies
) -> None:
    """Let splink take the frequencies that newcomers are judged by, too."""
    shares = found.shares.get(name, {})
    listed = pa.table({"value": list(shares), "share": list(shares.values())})
    connection.register(
        "listed", listed.cast(pa.schema({"value": pa.string(), "share": pa.float64()}))
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE frequency_of_{name} AS SELECT DISTINCT {name}, "
        f"coalesce(share, {RARE[name]}) AS tf_{name} FROM people LEFT JOIN listed ON {name} = value"
    )
    table = linker._db_api.register(f"frequency_of_{name}")
    linker.table_management.register_term_frequency_lookup(table, name)


def settings(
    model: Model | None, prior: float, comparisons: tuple[Comparison, ...] = COMPARISONS
) -> SettingsCreator:
    """Return what splink is to compare, and how it is to judge."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        probability_two_random_records_match=prior,
        comparisons=[described(each, (model or {}).get(each.name)) for each in comparisons],
        blocking_rules_to_generate_predictions=[
            *(block_on(f"block_{number}") for number in range(len(BLOCKS))),
            block_on("block_phones", arrays_to_explode=["block_phones"]),
        ],
        retain_matching_columns=False,
        max_iterations=100,
    )


def described(comparison: Comparison, trained: Any) -> dict[str, Any]:
    """Write a comparison in splink's words."""
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": comparison.missing.sql,
            "label_for_charts": "missing",
            "is_null_level": True,
        }
    ]
    for level in comparison.levels:
        words: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.name}
        if trained:
            words["m_probability"], words["u_probability"] = trained[level.name]
        if level.frequency:
            words |= {
                "tf_adjustment_column": level.frequency,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": RARE[level.frequency],
                "disable_tf_exact_match_detection": True,
            }
        levels.append(words)
    return {"output_column_name": comparison.name, "comparison_levels": levels}
