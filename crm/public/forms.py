"""What visitors fill in. Forms check and pass on; operations write."""

from functools import cache, lru_cache

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from crm.lib.contact import normal_email
from crm.people.names import may_be_name
from crm.privacy.models import Purpose, Wording
from crm.privacy.operations import wording_for

SELECTED = mark_safe(" selected")
NEIGHBOURS = ("BE", "FR", "NL", "LU", "DE")


class NameField(forms.CharField):
    """A person's name: one line, no link, and nothing a spreadsheet would calculate."""

    def __init__(self, **options):
        super().__init__(max_length=100, **options)

    def clean(self, value):
        name = " ".join(super().clean(value).split())
        if not may_be_name(name):
            raise forms.ValidationError(
                _("Write your name only, without an address or signs such as = or @.")
            )
        return name


class AddressField(forms.EmailField):
    """An e-mail address, in the normal form in which we keep it."""

    def clean(self, value):
        address = super().clean(value)
        try:
            return normal_email(address) if address else address
        except ValueError as error:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid") from error


class PersonForm(forms.Form):
    """What every form of ours asks of a person.

    `cleaned_data["newsletter"]` is the Wording whose box was ticked, or None.
    """

    given_name = NameField(
        label=_("Given name"), widget=forms.TextInput({"autocomplete": "given-name"})
    )
    family_name = NameField(
        label=_("Family name"), widget=forms.TextInput({"autocomplete": "family-name"})
    )
    email = AddressField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "invalid": _("This is not an e-mail address; one looks like name@example.org.")
        },
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.wordings: dict[str, Wording] = {}
        self.offer_newsletter()

    def offer_newsletter(self) -> None:
        self.offer(Purpose.NEWSLETTER)

    def offer(self, purpose: str) -> None:
        """Ask for a consent, if there is a wording for it in the language of the page."""
        wording = wording_for(purpose=purpose, language=get_language() or "fr")
        if wording is not None:
            self.wordings[purpose] = wording
            # The box carries the wording that was shown: a newer one may come in between.
            box = forms.CheckboxInput({"value": wording.pk})
            self.fields[purpose] = forms.BooleanField(
                label=wording.text, required=False, widget=box
            )

    def clean_newsletter(self) -> Wording | None:
        return self.agreed(Purpose.NEWSLETTER)

    def agreed(self, purpose: str) -> Wording | None:
        """Return the wording whose box was ticked."""
        wording = self.wordings.get(purpose)
        if wording is None or not self.cleaned_data[purpose]:
            return None
        shown = str(self.data[self.add_prefix(purpose)])
        if not shown.isdecimal() or shown == str(wording.pk):
            return wording
        if len(shown) > 18:  # no key has so many digits, and no program reads them all
            return None
        return Wording.objects.filter(purpose=purpose, pk=shown).first()


class LinesField(forms.CharField):
    """Text of several lines, whose line ends count as one character, as in the browser."""

    widget = forms.Textarea

    def to_python(self, value):
        return (super().to_python(value) or "").replace("\r\n", "\n")


@cache
def country_choices_in(_language: str) -> list[tuple[str, str]]:
    names = {code: str(name) for code, name in countries}
    first = [(code, names.pop(code)) for code in NEIGHBOURS]
    return [*first, *names.items()]


def country_choices() -> list[tuple[str, str]]:
    """Belgium, its neighbours, and then the world by name, in the language of the page."""
    return country_choices_in(get_language() or "fr")


@lru_cache(maxsize=50)
def country_options(_language: str, chosen: str, may_be_empty: bool = False) -> SafeString:
    """The options of the list, rendered once: a template for each would outlast the whole page."""
    choices = [*([("", "–")] if may_be_empty else []), *country_choices()]
    marked = ((code, SELECTED if code == chosen else "", name) for code, name in choices)
    return format_html_join("\n", '<option value="{}"{}>{}</option>', marked)


class CountrySelect(forms.Select):
    may_be_empty = False

    def render(self, name, value, attrs=None, renderer=None):
        chosen = str(value or "")[:3]
        options = country_options(get_language() or "fr", chosen, self.may_be_empty)
        attributes = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(attributes), options)


class CountryField(forms.ChoiceField):
    widget = CountrySelect

    def valid_value(self, value):
        """Whether a country has this code; `choices` would be built anew for the answer."""
        return any(code == value for code, _name in country_choices())
