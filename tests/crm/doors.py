"""Every page that tells of people, and what it tells to whoever may see all of it."""

import html
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from crm.access import FIELD_RIGHTS
from tests.crm.told_person import IBAN, MARKS, PHONE

ENGLISH = {"accept-language": "en"}
# Marks that the profile bears beside its timeline.
BESIDE = """name emails greeting phones addresses birth_date bank_accounts identifiers notes
    confidential_notes files confidential_files tasks tags households relationships segments
    proposals duplicates merges gift_amounts promised lookers origin trainings"""


class Door(NamedTuple):
    """`opens`: rows of the table of rights without any of which it tells nothing;
    `tells`: what it tells to those who may see it; `gives`: to all to whom it opens."""

    name: str
    record: str = ""
    opens: str = "name"
    tells: str = ""
    gives: str = "name"
    query: str = ""


def timeline(kind, tells):
    return Door("crm_supporter_change", "zora", tells=f"{BESIDE} {tells}", query=f"?kind={kind}")


def segment(rows, words="", others="", why=""):
    """The page of a segment, with its words and who else is in it, and why somebody is."""
    record = f"segment of {rows.split()[-1]}"
    opens = f"segments {rows}"
    return {
        record: Door("crm_segment_change", record, opens, gives=f"name {words} {others}"),
        f"why in {record}": Door(
            "crm_segment_why", record, opens, why, f"name {words}", "?supporter={zora}"
        ),
    }


def search(rows, text):
    """Whoever finds somebody by a field knows it."""
    return Door("crm_supporter_changelist", opens=rows, query=f"?q={text}")


DOORS = {
    "home": Door("index", "", "", "name gift_amounts", "signatures"),
    "profile": Door(
        "crm_supporter_change",
        "zora",
        tells=f"""{BESIDE} gifts signatures comments consents mails mails_of_gifts
            mail_events imports""",
    ),
    "timeline of signatures": timeline("signatures", "signatures comments"),
    "timeline of consents": timeline("consents", "consents"),
    "timeline of mails": timeline("mails", "mails mails_of_gifts mail_events"),
    "timeline of work": timeline("work", ""),
    "timeline of data": timeline("data", "imports"),
    "list": Door(
        "crm_supporter_changelist", tells="tags segments", gives="name duplicates neighbours"
    ),
    "list by telephone": search("phones", PHONE.replace("+", "%2B")),
    "list by bank account": search("bank_accounts", IBAN),
    "list by identifier": search("identifiers", "cus_zoraline9"),
    "correct": Door("crm_supporter_correct", "zora", tells="birth_date", gives="name greeting"),
    "history": Door(
        "crm_supporter_history_of",
        "zora",
        "history",
        "phones addresses birth_date notes confidential_notes",
        "name history",
    ),
    "merge with": Door("crm_supporter_merge_with", "zora", "merging", "", "name duplicates"),
    "merge": Door(
        "crm_supporter_merge", "zora double", "merging", "birth_date", "name greeting duplicates"
    ),
    "undo": Door("crm_merge_undo", "merge", "merging", "birth_date", "name merges"),
    "merges": Door("crm_merge_changelist", "", "merges", gives="name merges"),
    "e-mail": Door("crm_emailaddress_edit", "email", "emails", gives="name emails"),
    "phone": Door("crm_phone_edit", "phone", "phones", gives="name phones"),
    "address": Door("crm_postaladdress_edit", "address", "addresses", gives="name addresses"),
    "new household": Door("crm_supporter_household", "single", "households", "neighbours", ""),
    "household": Door("crm_household_edit", "household", "households", gives="name households"),
    "relationship": Door(
        "crm_relationship_edit", "relationship", "relationships", gives="name relationships"
    ),
    "notes": Door("crm_note_changelist", "", "notes", "confidential_notes", "name notes"),
    "note": Door("crm_note_change", "note", "notes", gives="name notes"),
    "secret note": Door(
        "crm_note_change", "secret note", "confidential_notes", gives="name confidential_notes"
    ),
    "tasks": Door("crm_task_changelist", "", "tasks", "", "name tasks", "?show=all"),
    "task": Door("crm_task_change", "task", "tasks", "", "name tasks lookers"),
    "file": Door("crm_storedfile_download", "plain", "files", gives="files"),
    "secret file": Door(
        "crm_storedfile_download", "secret", "confidential_files", gives="confidential_files"
    ),
    "proposals": Door("crm_proposal_changelist", "", "proposals", "", "name proposals history"),
    "signatures": Door("crm_signature_changelist", "", "signatures", "", "name signatures"),
    "signature": Door(
        "crm_signature_change", "signature", "signatures", "", "name signatures comments"
    ),
    "comments": Door("crm_comment_changelist", "", "moderating", "", "name signatures comments"),
    "consents": Door("crm_consent_changelist", "", "consents"),
    "consent": Door("crm_consent_change", "consent", "consents", gives="name consents"),
    "consents of one": Door("crm_supporter_consents", "zora", "consents", gives="name consents"),
    "say": Door("crm_supporter_consent", "zora", "consents", gives="name consents"),
    "mails": Door("crm_mail_changelist", "", "mails", "mails_of_gifts", "name mails"),
    "mail": Door("crm_mail_change", "mail", "mails", gives="name mails"),
    "mail of a gift": Door(
        "crm_mail_change", "mail of a gift", "mails_of_gifts", "", "name mails mails_of_gifts"
    ),
    "returned mails": Door(
        "crm_mailevent_changelist", "", "mail_events", gives="name mails mail_events"
    ),
    "returned mail": Door(
        "crm_mailevent_change", "event of a mail", "mail_events", gives="name mails mail_events"
    ),
    "gifts": Door("crm_gift_changelist", "", "gift_amounts", "", "name gift_amounts signatures"),
    "gift": Door("crm_gift_change", "gift", "gift_amounts", gives="name gift_amounts"),
    "plan": Door("crm_plan_change", "plan", "gift_amounts", gives="name gift_amounts"),
    "pledge": Door("crm_pledge_change", "pledge", "promised", gives="name promised"),
    "receipts": Door("crm_receipt_changelist", "", "receipts", gives="name gift_amounts"),
    "receipt": Door("crm_receipt_change", "receipt", "receipts", "", "name gift_amounts receipts"),
    "receipts of one": Door(
        "crm_supporter_receipts", "zora", "receipts", gives="name gift_amounts"
    ),
    "duplicates": Door(
        "crm_suspicion_changelist",
        "",
        "duplicates",
        "phones phone_evidence addresses address_evidence birth_date birth_evidence",
        "name duplicates emails",
    ),
    "imports": Door("crm_import_changelist", "", "imports", gives="imports"),
    "import": Door(
        "crm_import_change",
        "import",
        "imports",
        "phones addresses birth_date identifiers notes",
        "name imports",
    ),
    "file of an import": Door(
        "crm_import_read", "open import", "files_of_imports", gives="imports phones birth_date"
    ),
    "columns of an import": Door(
        "crm_import_map",
        "open import",
        "files_of_imports",
        gives="imports phones birth_date consents",
    ),
    "profile of an organisation": Door(
        "crm_supporter_change", "hotel", "name", "partnership affiliations tags", ""
    ),
    "partner": Door("crm_partner_change", "partner", "partnership", gives="partnership"),
    "networks": Door("crm_network_changelist", "", "affiliations", gives="affiliations"),
    "network": Door("crm_network_change", "network", "affiliations", gives="affiliations"),
    "sessions": Door("crm_session_changelist", "", "trainings", "", "trainings"),
    "session": Door("crm_session_change", "session", "trainings", gives="name trainings"),
    "certificates": Door("crm_certificate_changelist", "", "trainings", gives="name trainings"),
    "privacy requests": Door(
        "crm_privacyrequest_changelist",
        "",
        "privacy_requests",
        gives="name privacy_requests",
        query="?show=answered",
    ),
    "privacy request": Door(
        "crm_privacyrequest_change",
        "privacy request",
        "privacy_requests",
        gives="name privacy_requests",
    ),
    "segments": Door("crm_segment_changelist", "", "segments", gives="segments"),
    **segment("phones", others="duplicates", why="phones"),
    **segment("addresses", others="neighbours", why="addresses"),
    **segment("birth_date", others="duplicates", why="birth_date"),
    **segment("gifts money", "gift_amounts"),
    **segment("signatures", why="signatures"),
    **segment("consents", "segments"),
    **segment("households"),
    **segment("relationships", "relationships"),
    "audit trail": Door("crm_auditentry_changelist", "", "lookers", gives="lookers"),
    "export": Door(
        "crm_supporter_export",
        "",
        "exporting",
        "phones addresses birth_date bank_accounts identifiers tags gift_amounts",
        "name emails greeting duplicates neighbours",
    ),
}


def open_door(client, door, rows):
    args = [rows[name].pk for name in two(door.record)]
    query = door.query.format(zora=rows["zora"].pk)
    address = reverse(f"admin:{door.name}", args=args) + query
    answer = client.get(address, headers=ENGLISH)
    if door.name == "crm_supporter_export" and answer.status_code == 200:
        columns = [name for name, _label in answer.context["form"].fields["columns"].choices]
        asked = {"columns": columns, "format": "csv", "reason": "A letter of thanks"}
        answer = client.post(address, asked, headers=ENGLISH)
    if door.query.startswith("?q=") and answer.status_code == 200:
        return {"name"} if rows["zora"] in answer.context["cl"].result_list else set()
    return told(answer)


def two(record):
    return record.split() if record == "zora double" else [record] if record else []


def told(answer):
    """Which marks an answer bears; a refusal bears none."""
    if answer.status_code != 200:
        assert answer.status_code in (302, 403, 404)
        return set()
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = " ".join(html.unescape(content.decode()).split())
    return {name for name, marks in MARKS.items() if any(mark in text for mark in marks)}


def all_but(*fields):
    """Somebody with every right but those of these fields."""
    user = get_user_model().objects.create_user("all but some", is_staff=True)
    kept = Permission.objects.all()
    for field in fields:
        app, _dot, right = FIELD_RIGHTS[field].partition(".")
        verb, _underscore, what = right.partition("_")
        rights = [f"{each}_{what}" for each in ("view", "add", "change", "delete")]
        taken = rights if verb == "view" else [right]
        kept = kept.exclude(content_type__app_label=app, codename__in=taken)
    user.user_permissions.set(kept)
    return user
