"""The form for the words of a mail."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.mailing.editing import WordsRefused, check
from crm.mailing.kind import Kind
from crm.mailing.rendering import Words


class Lines(forms.CharField):
    """Text whose lines end as ours do, whatever the browser sends."""

    widget = widgets.UnfoldAdminTextareaWidget

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class WordsForm(forms.Form):
    subject = forms.CharField(
        label=gettext_lazy("Subject"), max_length=150, widget=widgets.UnfoldAdminTextInputWidget()
    )
    text = Lines(
        label=gettext_lazy("Text"),
        max_length=10_000,
        widget=widgets.UnfoldAdminTextareaWidget(attrs={"rows": 16}),
        help_text=gettext_lazy(
            "An empty line begins a new paragraph. Why the mail comes, who we are and the way to "
            "unsubscribe are added below by themselves."
        ),
    )

    def __init__(self, *args: Any, kind: Kind, language: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind, self.language = kind, language

    @property
    def words(self) -> Words:
        return Words(self.cleaned_data["subject"], self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        """Put what is wrong with the words beside the field that has them."""
        said = {name: self.cleaned_data.get(name, "") for name in ("subject", "text")}
        try:
            check(self.kind, **said)
        except WordsRefused as refused:
            for field, problems in refused.problems.items():
                if field not in self.errors:
                    self.add_error(field, problems)
        return self.cleaned_data
