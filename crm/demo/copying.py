"""Rows into PostgreSQL by COPY, with the numbers that we gave them."""

from collections.abc import Iterable, Sequence

from django.db import connection, models
from psycopg import sql


class Table:
    """One model's table: it numbers its rows from 1, keeps them, and copies them in batches."""

    def __init__(self, model: type[models.Model], *columns: str) -> None:
        self.name = model._meta.db_table
        self.last_id = 0
        self.rows: list[Sequence[object]] = []
        self.statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(self.name), sql.SQL(", ").join(map(sql.Identifier, ("id", *columns)))
        )

    def add(self, *values: object) -> int:
        """Keep a row for the next batch; return its number."""
        self.last_id += 1
        self.rows.append((self.last_id, *values))
        return self.last_id

    def reserve(self, number: int) -> int:
        """Keep so many numbers for lines to be sent; return the first."""
        first = self.last_id + 1
        self.last_id += number
        return first

    def send(self, lines: list[str]) -> None:
        """Send lines as COPY reads them, with numbers that were reserved."""
        with connection.cursor() as cursor, cursor.copy(self.statement) as copy:
            copy.write("".join(lines))

    def flush(self) -> None:
        """Send what was kept. Each batch is a statement, so that its checks are done with it."""
        with connection.cursor() as cursor, cursor.copy(self.statement) as copy:
            for row in self.rows:
                copy.write_row(row)
        self.rows = []

    def finish(self) -> None:
        """Send the rest, and let the database go on numbering behind it."""
        self.flush()
        if self.last_id:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [self.name, self.last_id]
                )


def flush(tables: Iterable[Table]) -> None:
    """Send a batch of several tables, those first that others point to."""
    for table in tables:
        table.flush()
