"""Taking a list along: who took what and why is written down before the first line leaves."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.exchange.columns import Column
from crm.exchange.lists import TABLES
from crm.exchange.models import Export
from crm.lib.spreadsheets import About, workbook
from crm.lib.tables import csv_lines

RIGHT = "crm.export_supporter"
SHORTEST_REASON = 10
AT_A_TIME = 2000


class Format(models.TextChoices):
    CSV = "csv", _("CSV (text)")
    XLSX = "xlsx", _("Excel workbook (XLSX)")


class NotAllowed(Exception):
    """Whoever asks may not take this along. Nothing was written."""


def may_export(reader: Any, what: str) -> bool:
    return bool(reader.has_perms([RIGHT, *TABLES[what].rights]))


@transaction.atomic
def open_export(
    *,
    what: str,
    columns: list[str],
    kind_of_file: str,
    reason: str,
    filters: dict[str, Any],
    at: datetime,
    by: Any,
) -> Export:
    """Write down that a list is taken along. Raises NotAllowed."""
    offered = {column.name for column in TABLES[what].for_reader(by)}
    if not may_export(by, what) or not columns or set(columns) - offered:
        raise NotAllowed(what)
    export = Export.objects.create(
        what=what,
        columns=columns,
        format=kind_of_file,
        reason=reason,
        filters=filters,
        exported_at=at,
        exported_by=by,
    )
    told = {"columns": columns, "format": kind_of_file, "filters": sorted(filters)}
    audit.log(f"{what}.exported", export, by=by, at=at, **told)
    return export


def content(export: Export, found: QuerySet[Any]) -> Iterator[bytes]:
    """Yield the file, in the language that is now spoken."""
    language = translation.get_language() or ""
    table = TABLES[export.what]
    columns = [each for each in table.columns if each.name in export.columns]
    rows = counted(export, lines(found.order_by(*table.order), columns))
    return spoken(written(export, [each.label for each in columns], rows), language)


def lines(found: QuerySet[Any], columns: list[Column]) -> Iterator[list[Any]]:
    """Yield the cells of each row, reading only what the columns need."""
    joins = dict.fromkeys(name for column in columns for name in column.joins)
    fetches = dict.fromkeys(each for column in columns for each in column.fetches)
    adds = {name: term for column in columns for name, term in column.adds.items()}
    read = found.annotate(**adds).prefetch_related(None).prefetch_related(*fetches)
    read = read.select_related(*joins) if joins else read.select_related(None)
    for row in read.iterator(AT_A_TIME):
        yield [column.value(row) for column in columns]


def counted(export: Export, rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Yield the rows; then, or when whoever reads them goes away, write down how many left."""
    number = 0
    try:
        for row in rows:
            number += 1
            yield row
    finally:
        Export.objects.filter(pk=export.pk).update(rows=number, finished_at=timezone.now())


def written(export: Export, heads: list[Any], rows: Iterator[list[Any]]) -> Iterator[bytes]:
    if export.format == Format.XLSX:
        yield from workbook(heads, rows, about(export))
    else:
        for line in csv_lines(heads, rows):
            yield line.encode()


def about(export: Export) -> About:
    """What a workbook says of itself: who took it, when, and why."""
    who = str(export.exported_by)
    title = str(TABLES[export.what].title)
    lines = [
        (gettext("List"), title),
        (gettext("Exported by"), who),
        (gettext("When"), timezone.localtime(export.exported_at).replace(tzinfo=None)),
        (gettext("Why"), export.reason),
        (gettext("Filters"), ", ".join(f"{key}={value}" for key, value in export.filters.items())),
        (gettext("Number in the list of exports"), export.pk),
    ]
    return About(title, who, export.exported_at, gettext("About this file"), lines)


def spoken(pieces: Iterator[bytes], language: str) -> Iterator[bytes]:
    """Yield what is made in a language: a file is sent when the page that made it has ended."""
    with translation.override(language):
        yield from pieces
