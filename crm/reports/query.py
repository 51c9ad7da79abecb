"""From one SQL query to a pandas frame."""

from typing import Any

import pandas as pd
from django.db import connection

# Written into every query, so that "all campaigns" and "this campaign" are one statement.
OF_CAMPAIGN = "(%(campaign)s::bigint IS NULL OR campaign_id = %(campaign)s)"


def frame(sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    """Run a query; its columns are the frame's."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        columns = [column.name for column in cursor.description]
        return pd.DataFrame(cursor.fetchall(), columns=columns)


def rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run a query that answers few rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def row(sql: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    """Run a query that answers one row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()
