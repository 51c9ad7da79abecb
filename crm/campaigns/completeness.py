"""What a campaign does not say yet in one of the languages."""

from typing import NamedTuple

from crm.campaigns.editing import WORDS
from crm.campaigns.models import Campaign
from crm.people.models import LANGUAGES


class Version(NamedTuple):
    """A campaign in one language. `instead` is the language that visitors see where it has none,
    `missing` holds the fields that another language has."""

    language: str
    title: str
    instead: str
    missing: list[str]

    @property
    def is_complete(self) -> bool:
        return not (self.instead or self.missing)


def versions_of(campaign: Campaign) -> list[Version]:
    """Return the campaign's versions, one for each language."""
    texts = {text.language: text for text in campaign.texts.all()}
    said = {name for text in texts.values() for name in WORDS if getattr(text, name)}
    if getattr(campaign, "picture", None):
        said.add("picture_alt")
    versions = []
    for code, _name in LANGUAGES:
        text = texts.get(code)
        if text is None:
            versions.append(Version(code, "", campaign.text(code).language if texts else "", []))
        else:
            missing = [name for name in WORDS if name in said and not getattr(text, name)]
            versions.append(Version(code, text.title, "", missing))
    return versions
