"""Asking for an export as the page does, and reading what comes."""

import io

import openpyxl
from django.urls import reverse

from crm.exchange.lists import TABLES

ENGLISH = {"accept-language": "en"}
WHY = "Letters of thanks of December"
LISTS = {
    "supporters": "crm_supporter",
    "signatures": "crm_signature",
    "gifts": "crm_gift",
    "receipts": "crm_receipt",
}


def asked(what, *columns, kind="csv", reason=WHY):
    names = columns or [column.name for column in TABLES[what].columns]
    return {"columns": names, "format": kind, "reason": reason}


def export(client, what, *columns, query="", **options):
    address = reverse(f"admin:{LISTS[what]}_export") + query
    return client.post(address, asked(what, *columns, **options), headers=ENGLISH)


def content(answer):
    return b"".join(answer.streaming_content)


def lines(answer):
    return content(answer).decode().removeprefix("\ufeff").split("\r\n")[:-1]


def sheets(answer):
    return openpyxl.load_workbook(io.BytesIO(content(answer)))
