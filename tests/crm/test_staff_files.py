"""Files on supporters: what is kept, what is refused, who takes one out."""

import io
import zipfile

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.people.attaching import attach, safe_name
from crm.people.file_kinds import MACROS, OLE, kind_of
from crm.people.files import FileChunk, StoredFile
from crm.staff import files
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def packed(*names, **contents):
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as file:
        for name in names:
            file.writestr(name, contents.get(name, "x"))
    return folder.getvalue()


def open_document(kind):
    folder = io.BytesIO()
    with zipfile.ZipFile(folder, "w") as file:
        file.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        file.writestr("content.xml", "<x/>")
    return folder.getvalue()


def sent(name="Attestation.pdf", content=PDF, **fields):
    return {"upload": SimpleUploadedFile(name, content), **fields}


def add_page(supporter):
    return f"{reverse('admin:crm_storedfile_add')}?supporter={supporter.pk}"


def download(stored):
    return reverse("admin:crm_storedfile_download", args=[stored.pk])


@pytest.fixture
def supporter():
    return SupporterFactory()


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


@pytest.fixture
def stored(supporter, fundraiser, now):
    upload = SimpleUploadedFile("Attestation fiscale.pdf", PDF)
    return attach(supporter=supporter, upload=upload, at=now, by=fundraiser)


def test_file_is_kept_and_given_back_byte_for_byte(client, fundraiser, supporter):
    content = PDF + bytes(range(256)) * 9000  # more than a piece

    answer = client.post(add_page(supporter), sent(content=content))
    stored = StoredFile.objects.get()
    got = client.get(download(stored))

    assert answer.url == reverse("admin:crm_supporter_change", args=[supporter.pk])
    assert (stored.name, stored.content_type, stored.size) == (
        "Attestation.pdf",
        "application/pdf",
        len(content),
    )
    assert got.getvalue() == content


def test_browser_is_told_to_keep_a_file_and_not_to_open_it(client, stored):
    got = client.get(download(stored))

    assert {name: got[name] for name in HEADERS} == HEADERS


HEADERS = {
    "Content-Disposition": 'attachment; filename="Attestation fiscale.pdf"',
    "Content-Type": "application/pdf",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store, max-age=0, no-cache, must-revalidate",
}


def test_adding_taking_out_and_removing_are_in_the_audit_trail(client, stored, fundraiser):
    client.get(download(stored)).getvalue()
    remove = reverse("admin:crm_storedfile_remove", args=[stored.pk])

    client.post(remove)
    asked = StoredFile.objects.count()
    client.post(remove, {"confirmed": "yes"})
    again = client.post(remove, {"confirmed": "yes"})

    trail = AuditEntry.objects.filter(subject=f"storedfile:{stored.pk}").order_by("pk")
    assert list(trail.values_list("action", "by")) == [
        ("file.added", fundraiser.pk),
        ("file.downloaded", fundraiser.pk),
        ("file.removed", fundraiser.pk),
    ]
    assert "Attestation" not in str(list(trail.values_list("details", flat=True)))
    assert (asked, again.status_code) == (1, 404)
    assert (StoredFile.objects.count(), FileChunk.objects.count()) == (0, 0)


def test_role_without_the_right_neither_sees_nor_takes_files(client, staff, supporter, stored):
    campaigner = staff(Role.CAMPAIGNER)
    client.force_login(campaigner)

    answers = [
        client.get(download(stored)),
        client.post(add_page(supporter), sent()),
        client.post(reverse("admin:crm_storedfile_remove", args=[stored.pk]), {"confirmed": "yes"}),
    ]

    assert files.panel(supporter, campaigner) == {}
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert StoredFile.objects.count() == 1


def test_stranger_is_sent_to_sign_in(client, stored):
    client.logout()

    assert client.get(download(stored)).status_code == 302


def test_confidential_file_is_for_few(client, staff, supporter, stored, django_user_model):
    StoredFile.objects.update(is_confidential=True)
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(rights("view_storedfile", "change_storedfile", "add_storedfile"))
    client.force_login(clerk)

    got = client.get(download(stored))
    removed = client.post(
        reverse("admin:crm_storedfile_remove", args=[stored.pk]), {"confirmed": "yes"}
    )
    client.post(add_page(supporter), sent("Open.pdf", is_confidential="on"))

    assert (got.status_code, removed.status_code) == (404, 404)
    assert [file.name for file in files.panel(supporter, clerk)["files"]] == ["Open.pdf"]


def rights(*names):
    return Permission.objects.filter(codename__in=names)


def test_file_of_an_import_is_not_a_supporters_file(client, fundraiser, stored):
    StoredFile.objects.update(supporter=None)

    assert client.get(download(stored)).status_code == 404


def test_file_may_be_as_large_as_the_setting_says_and_no_larger(
    client, fundraiser, supporter, settings
):
    settings.FILE_MAX_BYTES = 100
    refused = client.post(add_page(supporter), sent(content=PDF.ljust(101, b" ")))
    client.post(add_page(supporter), sent(content=PDF.ljust(100, b" ")))

    assert list(refused.context["form"].errors) == ["upload"]
    assert list(StoredFile.objects.values_list("size", flat=True)) == [100]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", b"\x89PNG\r\n\x1a\n....", "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.gif", b"GIF89a", "image/gif"),
        ("a.webp", b"RIFF....WEBPVP8 ", "image/webp"),
        ("a.heic", b"\0\0\0\x18ftypheic", "image/heic"),
        ("a.docx", packed("[Content_Types].xml", "word/document.xml"), WORD),
        ("a.odt", open_document("text"), "application/vnd.oasis.opendocument.text"),
        ("a.doc", OLE + b"....", "application/msword"),
        ("a.txt", "Épreuve\n".encode(), "text/plain"),
        ("a.csv", "nom;ville\nDupont;Liège\n".encode("cp1252"), "text/csv"),
        ("a.csv", "nom;ville\n".encode("utf-16"), "text/csv"),
        # Not what the name says
        ("a.pdf", b"MZ\x90\0", None),
        ("a.png", PDF, None),
        ("a.docx", packed("[Content_Types].xml", "xl/workbook.xml"), None),
        ("a.docx", packed("readme.txt"), None),
        ("a.docx", b"PK\x03\x04 broken", None),
        ("a.exe", b"MZ\x90\0", None),
        ("a", PDF, None),
        # What a browser would run, also under another name
        ("a.html", b"<!DOCTYPE html><script>", None),
        ("a.svg", b"<svg xmlns='x'>", None),
        ("a.txt", b"  \n<!DOCTYPE html><script>", None),
        ("a.txt", b"\xef\xbb\xbf<html>", None),
        ("a.txt", "<svg onload=x>".encode("utf-16"), None),
        ("a.csv", b"a\0b", None),
        # Macros
        (
            "a.docx",
            packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            None,
        ),
        ("a.docm", packed("[Content_Types].xml", "word/document.xml"), None),
        ("a.xls", OLE + b"...." + MACROS, None),
    ],
)
def test_kind_of_a_file_is_told_by_its_content(name, content, kind):
    found = kind_of(io.BytesIO(content), name)

    assert (found and found.content_type) == kind


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.html", b"<html>", "none of"),
        ("Invoice.pdf", b"MZ\x90\0", "none of"),
        ("Empty.txt", b"", "This file is empty."),
    ],
)
def test_refused_file_says_why_beside_the_field(
    client, fundraiser, supporter, name, content, words
):
    page = client.post(add_page(supporter), sent(name, content), headers={"accept-language": "en"})

    assert words in str(page.context["form"].errors["upload"])
    assert (StoredFile.objects.count(), FileChunk.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\me\\Lettre.pdf", "Lettre.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ('quote".pdf', "quote.pdf"),
        ("cod\u202efdp.txt", "codfdp.txt"),
        ("  Été  2026 .pdf", "Été 2026 .pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("....", "file"),
    ],
)
def test_names_play_no_tricks(told, kept):
    assert safe_name(told) == kept


@pytest.mark.parametrize("number", [1, 3])
def test_panel_takes_as_many_queries_for_three_files_as_for_one(
    supporter, fundraiser, now, number, django_assert_num_queries
):
    for place in range(number):
        upload = SimpleUploadedFile(f"{place}.pdf", PDF)
        attach(supporter=supporter, upload=upload, at=now, by=fundraiser)
    fundraiser.has_perm("crm.view_storedfile")  # rights are read once

    with django_assert_num_queries(1):
        files.panel(supporter, fundraiser)
