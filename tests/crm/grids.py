"""What a grid of gifts sends, and what it is told."""

from django.urls import reverse


def page(batch):
    return reverse("admin:crm_batch_change", args=[batch.pk])


def sent(*rows, version=0, action="save"):
    fields = {"version": version, "action": action}
    for number, row in enumerate(rows, start=1):
        fields |= {f"{number}-{name}": value for name, value in row.items()}
    return fields


def known(person, amount="10", **more):
    return {"who": str(person), "supporter": person.pk, "amount": amount, **more}


def new(given="Nina", family="New", amount="20", **more):
    return {"given_name": given, "family_name": family, "amount": amount, **more}


def problems(answer):
    return answer.context["problems"]
