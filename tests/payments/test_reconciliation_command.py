"""manage.py reconcile: what it prints, and how it ends."""

import pytest
from django.core.management import CommandError, call_command

from crm.donations.models import Entry, Gift
from payments.books import Reconciliation
from payments.management.commands import reconcile as command
from payments.reconciliation.run import AlreadyRunning

pytestmark = pytest.mark.django_db


def test_it_ends_with_0_and_says_what_was_repaired(givers, capsys):
    givers.pay()

    call_command("reconcile")

    told = capsys.readouterr().out
    assert "gifts and plans repaired  1" in told
    assert "differences       0" in told


def test_it_ends_with_1_and_names_what_differs(givers, capsys):
    givers.pay()
    givers.hear()
    Entry.objects.filter(kind="fee").update(amount=-60)
    line = Entry.objects.get(kind="fee").transaction

    with pytest.raises(SystemExit) as end:
        call_command("reconcile")

    assert end.value.code == 1
    assert f"amount {line}: ours €24.40, Stripe's €24.37" in capsys.readouterr().out


def test_it_ends_with_2_in_one_line_when_stripe_cannot_be_reached(givers):
    givers.stripe.faults({"method": "GET", "path": "/v1/events", "times": 3, "drop": True})

    with pytest.raises(CommandError, match=r"^Stripe cannot be reached.*\.$") as end:
        call_command("reconcile")

    assert end.value.returncode == 2
    assert Reconciliation.objects.get().finished_at is None


def test_it_ends_with_3_when_another_one_runs(givers, monkeypatch):
    def busy(**_options):
        raise AlreadyRunning

    monkeypatch.setattr(command, "reconcile", busy)

    with pytest.raises(CommandError, match="Another comparison is running") as end:
        call_command("reconcile")

    assert end.value.returncode == 3


def test_dry_run_says_what_would_be_done_and_does_nothing(givers, capsys):
    givers.pay()

    call_command("reconcile", "--dry-run")

    told = capsys.readouterr().out
    assert "gifts and plans that would be repaired  1" in told
    assert told.endswith("Nothing was changed.\n")
    assert (Gift.objects.count(), Reconciliation.objects.count()) == (0, 0)


def test_since_is_a_day(givers, capsys):
    call_command("reconcile", "--since", "2026-03-01")
    assert "From 2026-03-01 00:00 to" in capsys.readouterr().out

    with pytest.raises(CommandError, match="'yesterday' is not a day such as 2026-11-24"):
        call_command("reconcile", "--since", "yesterday")
