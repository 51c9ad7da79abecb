"""What may be corrected of a gift: its fund, whom it honours, who else is credited. No money."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from crm.donations.by_hand import FundClosed, correct_gift
from crm.donations.credits import (
    CannotCredit,
    SoftCredit,
    Tribute,
    credit,
    creditable,
    take_back,
)
from crm.donations.matching import CannotMatch, expect_matching
from crm.donations.models import Fund, Gift
from crm.donations.tributes import GiftNotPaid, dedicate
from crm.lib.periods import local_day
from crm.people.models import LANGUAGES
from crm.staff.amounts import AmountField
from crm.staff.forms import address, choice, day, somebody, switch, text
from crm.staff.gift_fields import chosen
from crm.staff.gift_forms import normal
from crm.staff.orders import in_currency, is_confirmed
from crm.staff.pages import StaffAdmin, money


class CorrectionForm(forms.Form):
    fund = chosen(
        gettext_lazy("Fund"),
        Fund.objects.order_by("name"),
        help_text=gettext_lazy("Until the fund is closed. Closed funds take nothing more."),
    )
    is_anonymous = switch(
        gettext_lazy("Anonymous"),
        help_text=gettext_lazy("The donor's name is never shown outside."),
    )


class TributeForm(forms.Form):
    kind = choice(gettext_lazy("Kind"), Tribute.Kind.choices)
    name = forms.CharField(
        label=gettext_lazy("Name of the person"), max_length=150, widget=text("").widget
    )
    notify_name = text(gettext_lazy("Whom to tell"), max_length=150)
    notify_email = address(gettext_lazy("Their e-mail"))
    language = choice(gettext_lazy("Language of the mail"), LANGUAGES)

    def __init__(self, *args: Any, is_told: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("notify_name", "notify_email", "language"):
            self.fields[name].disabled = is_told
        if is_told:
            self.fields["notify_email"].help_text = _("They were told.")

    def clean_notify_email(self) -> str:
        return normal(self.cleaned_data["notify_email"])


class CreditForm(forms.Form):
    supporter = somebody(gettext_lazy("Who"))
    kind = choice(gettext_lazy("Why"), SoftCredit.Kind.choices)
    amount = AmountField(label=gettext_lazy("Credited amount"))


class MatchForm(forms.Form):
    employer = somebody(gettext_lazy("Employer"))
    amount = AmountField(label=gettext_lazy("Expected amount"))
    promised_on = day(gettext_lazy("Promised on"))


class CorrectionPages(StaffAdmin):
    """A part of the pages of gifts."""

    def correction_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:gift_id>/correct/", wrap(self.correct_view), name="crm_gift_correct"),
            path("<int:gift_id>/tribute/", wrap(self.tribute_view), name="crm_gift_tribute"),
            path("<int:gift_id>/credit/", wrap(self.credit_view), name="crm_gift_credit"),
            path("<int:gift_id>/match/", wrap(self.match_view), name="crm_gift_match"),
            path(
                "credit/<int:credit_id>/take-back/",
                wrap(self.take_back_view),
                name="crm_softcredit_take_back",
            ),
        ]

    def gift_to_correct(self, request: HttpRequest, gift_id: int, right: str) -> Gift:
        if not (self.has_view_permission(request) and request.user.has_perm(right)):
            raise PermissionDenied
        return get_object_or_404(Gift.objects.select_related("supporter", "fund"), pk=gift_id)

    def gift_form(
        self, request: HttpRequest, gift: Gift, title: str, form: Any, intro: str = ""
    ) -> HttpResponse:
        back = reverse("admin:crm_gift_change", args=[gift.pk])
        return self.page(
            request, "form", title, form=form, back_url=back, subtitle=gift.supporter, intro=intro
        )

    def correct_view(self, request: HttpRequest, gift_id: int) -> HttpResponse:
        """Correct what a gift is for, and whether its donor is named."""
        gift = self.gift_to_correct(request, gift_id, "crm.change_gift")
        initial = {"fund": gift.fund_id, "is_anonymous": gift.is_anonymous}
        form = CorrectionForm(request.POST or None, initial=initial)
        if form.is_valid():
            try:
                correct_gift(gift=gift, at=timezone.now(), by=request.user, **form.cleaned_data)
            except FundClosed:
                told = _("A closed fund keeps what it got, and takes nothing more.")
                form.add_error("fund", told)
            else:
                return self.told(request, gift, _("The gift was corrected."))
        return self.gift_form(request, gift, _("Correct the fund"), form, MONEY_STAYS)

    def tribute_view(self, request: HttpRequest, gift_id: int) -> HttpResponse:
        """Say in whose honour or memory a gift was made, and whom to tell."""
        gift = self.gift_to_correct(request, gift_id, "crm.change_tribute")
        tribute = Tribute.objects.filter(gift=gift).first()
        is_told = tribute is not None and tribute.notified_at is not None
        initial = {name: getattr(tribute, name, "") for name in TributeForm.base_fields}
        initial["language"] = initial["language"] or gift.supporter.language or get_language()
        form = TributeForm(request.POST or None, initial=initial, is_told=is_told)
        if form.is_valid():
            try:
                dedicate(gift=gift, at=timezone.now(), by=request.user, **form.cleaned_data)
            except GiftNotPaid:
                form.add_error(None, _("This gift was not paid yet."))
            else:
                return self.told(request, gift, _("The tribute was saved."))
        title = _("In honour or in memory of somebody")
        return self.gift_form(request, gift, title, form, TOLD_ONCE)

    def credit_view(self, request: HttpRequest, gift_id: int) -> HttpResponse:
        """Credit somebody else with a gift, or with a part of it."""
        gift = self.gift_to_correct(request, gift_id, "crm.add_softcredit")
        form = CreditForm(request.POST or None, initial={"amount": creditable(gift)})
        in_currency(form.fields["amount"], gift.currency)
        if form.is_valid():
            try:
                credit(gift=gift, at=timezone.now(), by=request.user, **form.cleaned_data)
            except CannotCredit as refusal:
                add_credit_error(form, gift, refusal)
            else:
                return self.told(request, gift, _("The credit was saved."))
        return self.gift_form(request, gift, _("Credit somebody"), form, NEVER_MONEY)

    def take_back_view(self, request: HttpRequest, credit_id: int) -> HttpResponse:
        """Credit somebody no longer; ask first."""
        if not (
            self.has_view_permission(request) and request.user.has_perm("crm.change_softcredit")
        ):
            raise PermissionDenied
        known = get_object_or_404(SoftCredit.objects.select_related("gift"), pk=credit_id)
        if is_confirmed(request):
            take_back(soft_credit=known, at=timezone.now(), by=request.user)
            return self.told(request, known.gift, _("The credit was taken back."))
        return self.page(
            request,
            "confirm",
            _("Take the credit back"),
            question=_("Credit %(name)s with this gift no longer?") % {"name": known.supporter},
            submit=_("Take back"),
            back_url=reverse("admin:crm_gift_change", args=[known.gift_id]),
        )

    def match_view(self, request: HttpRequest, gift_id: int) -> HttpResponse:
        """Write down that an employer will add to a gift."""
        gift = self.gift_to_correct(request, gift_id, "crm.add_matchinggift")
        initial = {"amount": gift.amount, "promised_on": local_day(timezone.now())}
        form = MatchForm(request.POST or None, initial=initial)
        in_currency(form.fields["amount"], gift.currency)
        if form.is_valid():
            try:
                expect_matching(gift=gift, at=timezone.now(), by=request.user, **form.cleaned_data)
            except CannotMatch:
                form.add_error("employer", _("This employer cannot match this gift."))
            else:
                return self.told(request, gift, _("The matching gift is expected."))
        return self.gift_form(request, gift, _("Expect a matching gift"), form)

    def told(self, request: HttpRequest, gift: Gift, words: str) -> HttpResponse:
        messages.success(request, words)
        return redirect("admin:crm_gift_change", gift.pk)


MONEY_STAYS: Any = gettext_lazy(
    "Amount, day and donor stay as they are: what happens to the money later is written beside it."
)
TOLD_ONCE: Any = gettext_lazy(
    "Whom you name here gets one mail, which does not say how much was given."
)
NEVER_MONEY: Any = gettext_lazy("A credit thanks somebody. It is never added to money.")


def add_credit_error(form: CreditForm, gift: Gift, refusal: CannotCredit) -> None:
    if form.cleaned_data["supporter"].pk == gift.supporter_id:
        form.add_error("supporter", _("The giver is credited already."))
    else:
        left = money(refusal.left, gift.currency)
        form.add_error("amount", _("At most %(amount)s can be credited.") % {"amount": left})
