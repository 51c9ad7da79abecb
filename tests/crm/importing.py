"""Taking a file through the pages of an import."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.exchange.models import Import
from tests.jobs import run_jobs

ENGLISH = {"accept-language": "en"}
PEOPLE = (
    "Prénom;Nom;E-mail;Téléphone;Né le;Code postal\n"
    "Anne;Dupont;anne@example.org;0475 12 34 56;31/12/1980;1000\n"
    "Luc;Peeters;luc@example.org;;05/06/1975;4000\n"
    "Sam;Sans;pas-une-adresse;;;\n"
)
GIFTS = "e-mail,amount,date\nanne@example.org,25.00,2026-01-13\n"


def file(text, name="people.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, text.encode(encoding), content_type="text/csv")


def upload(client, text=PEOPLE, kind="supporters", **options):
    data = {"file": file(text, **options), "kind": kind}
    return client.post(reverse("admin:crm_import_add"), data, headers=ENGLISH)


def page(name, batch):
    return reverse(f"admin:crm_import_{name}", args=[batch.pk])


def get(client, name, batch, query=""):
    return client.get(page(name, batch) + query, headers=ENGLISH)


def post(client, name, batch, **data):
    return client.post(page(name, batch), data, headers=ENGLISH)


def as_offered(client, batch, **changes):
    """Return what the page of columns sends when nothing but `changes` is chosen."""
    told = get(client, "map", batch).context
    forms = (told["mapping"], told["form"])
    given = {bound.html_name: bound.value() for form in forms for bound in form}
    return {name: value for name, value in given.items() if value not in (None, False)} | changes


def checked(client, text=PEOPLE, kind="supporters", **changes):
    """Take a file through all steps up to what it would do."""
    upload(client, text, kind)
    batch = Import.objects.latest("pk")
    post(client, "map", batch, **as_offered(client, batch, **changes))
    run_jobs()
    batch.refresh_from_db()
    return batch


def told_rows(answer):
    return [
        (row["line"], [tuple(change) for change in row["changes"]], row["reasons"], row["cells"])
        for row in answer.context["rows"]
    ]
