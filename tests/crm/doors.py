"""Every page that tells of people, and what it tells to whoever may see all of it."""

import html
from typing import NamedTuple

from django.urls import reverse

from tests.crm.told_person import IBAN, MARKS, NAME, PHONE

ENGLISH = {"accept-language": "en"}


class Door(NamedTuple):
    """`opens`: the rows of the table of rights that it takes, `tells`: those that it tells of."""

    name: str
    record: str
    opens: str
    tells: str
    query: str = ""


WHO = "name"
CONDITIONS = "phones addresses birth_date gifts money signatures consents households relationships"
DOORS = {
    "home": Door("index", "", "", ""),
    "profile": Door("crm_supporter_change", "zora", WHO, ""),
    **{
        f"timeline of {kind}": Door("crm_supporter_change", "zora", WHO, "", f"?kind={kind}")
        for kind in ("giving", "signatures", "consents", "mails", "work", "data")
    },
    "list": Door("crm_supporter_changelist", "", WHO, ""),
    "correct": Door("crm_supporter_correct", "zora", WHO, ""),
    "history": Door("crm_supporter_history_of", "zora", "history", ""),
    "merge with": Door("crm_supporter_merge_with", "zora", "merging", ""),
    "merge": Door("crm_supporter_merge", "zora double", "merging", ""),
    "undo": Door("crm_merge_undo", "merge", "merging", ""),
    "merges": Door("crm_merge_changelist", "", "merges", ""),
    "e-mail": Door("crm_emailaddress_edit", "email", "emails", ""),
    "phone": Door("crm_phone_edit", "phone", "phones", ""),
    "address": Door("crm_postaladdress_edit", "address", "addresses", ""),
    "household": Door("crm_household_edit", "household", "households", ""),
    "relationship": Door("crm_relationship_edit", "relationship", "relationships", ""),
    "notes": Door("crm_note_changelist", "", "notes", ""),
    "note": Door("crm_note_change", "note", "notes", ""),
    "secret note": Door("crm_note_change", "secret note", "confidential_notes", ""),
    "tasks": Door("crm_task_changelist", "", "tasks", "", "?show=all"),
    "task": Door("crm_task_change", "task", "tasks", ""),
    "file": Door("crm_storedfile_download", "plain", "files", ""),
    "secret file": Door("crm_storedfile_download", "secret", "confidential_files", ""),
    "proposals": Door("crm_proposal_changelist", "", "proposals", ""),
    "signatures": Door("crm_signature_changelist", "", "signatures", ""),
    "signature": Door("crm_signature_change", "signature", "signatures", ""),
    "comments": Door("crm_comment_changelist", "", "moderating", ""),
    "consents": Door("crm_consent_changelist", "", "consents", ""),
    "consent": Door("crm_consent_change", "consent", "consents", ""),
    "mails": Door("crm_mail_changelist", "", "mails", ""),
    "mail": Door("crm_mail_change", "mail", "mails", ""),
    "mail of a gift": Door("crm_mail_change", "mail of a gift", "mails_of_gifts", ""),
    "gifts": Door("crm_gift_changelist", "", "gifts", ""),
    "gift": Door("crm_gift_change", "gift", "gifts", ""),
    "plans": Door("crm_plan_changelist", "", "plans", ""),
    "plan": Door("crm_plan_change", "plan", "plans", ""),
    "pledges": Door("crm_pledge_changelist", "", "pledges", ""),
    "pledge": Door("crm_pledge_change", "pledge", "pledges", ""),
    "receipts": Door("crm_receipt_changelist", "", "receipts", ""),
    "receipt": Door("crm_receipt_change", "receipt", "receipts", ""),
    "receipts of one": Door("crm_supporter_receipts", "zora", "receipts", ""),
    "duplicates": Door("crm_suspicion_changelist", "", "duplicates", ""),
    "duplicate": Door("crm_suspicion_change", "suspicion", "duplicates", ""),
    "imports": Door("crm_import_changelist", "", "imports", ""),
    "import": Door("crm_import_change", "import", "imports", ""),
    "segments": Door("crm_segment_changelist", "", "segments", ""),
    **{
        f"segment of {name}": Door("crm_segment_change", f"segment of {name}", f"segments {name}", "")
        for name in CONDITIONS.split()
    },
    **{
        f"why in segment of {name}": Door(
            "crm_segment_why", f"segment of {name}", f"segments {name}", "", "?supporter={zora}"
        )
        for name in CONDITIONS.split()
    },
    "audit trail": Door("crm_auditentry_changelist", "", "lookers", ""),
}


def open_door(client, door, rows):
    args = [rows[name].pk for name in split(door.record)]
    query = door.query.format(zora=rows["zora"].pk)
    answer = client.get(reverse(f"admin:{door.name}", args=args) + query, headers=ENGLISH)
    return told(answer)


def split(record):
    return record.split() if record == "zora double" else [record] if record else []


def told(answer):
    """Which marks an answer bears; a refusal, or a way elsewhere, bears none."""
    if answer.status_code != 200:
        assert answer.status_code in (302, 403, 404)
        return set()
    content = answer.getvalue() if not answer.streaming else b"".join(answer.streaming_content)
    text = " ".join(html.unescape(content.decode()).split())
    return {name for name, marks in MARKS.items() if any(mark in text for mark in marks)}
