"""The forms of tags: what one is called, which other becomes it, and which one is given."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.people.tag_uses import segments_using
from crm.people.tagging import find_tag
from crm.people.tags import Tag
from crm.staff.forms import text


class TagForm(forms.Form):
    name = text(gettext_lazy("Tag"), max_length=60)
    description = text(gettext_lazy("What it is for"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class MergeForm(forms.Form):
    lost = forms.CharField(max_length=60)

    def __init__(self, *args: Any, kept: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept

    def clean_lost(self) -> Tag:
        tag = find_tag(self.cleaned_data["lost"])
        if tag is None or tag.pk == self.kept.pk:
            raise forms.ValidationError(_("There is no other tag of this name."))
        if segments_using(tag):
            raise forms.ValidationError(
                _("Segments ask for “%(tag)s”. Merge the other way round.") % {"tag": tag}
            )
        return tag


class NameForm(forms.Form):
    """One tag, by its name: of those there are, or a new one."""

    name = forms.CharField(max_length=60)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())
