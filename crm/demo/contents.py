"""What the demo says: campaigns, the newsletter's wording, figures, and staff accounts."""

from datetime import date, datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from crm.access import Role
from crm.campaigns.models import Campaign, CampaignText
from crm.demo.data import read
from crm.demo.moments import midnight
from crm.privacy.models import Purpose, Wording
from crm.programmes.models import ImpactFigure

GOAL = 125_000
PASSWORD = "soutien-demo"  # noqa: S105 (printed on purpose: the demo has nothing to protect)
PETITION, JE_DIS_STOP, REACT, MAKE_IT_SAFE = "stop-traite", "je-dis-stop", "react", "make-it-safe"
# How many days ago each opened, and what it suggests to give, in cents.
OPENED = {PETITION: 1103, JE_DIS_STOP: 2400, REACT: 2000, MAKE_IT_SAFE: 1290}
AMOUNTS = {
    PETITION: [1500, 2500, 4000, 10000],
    JE_DIS_STOP: [1000, 2500, 4000],
    REACT: [2500, 4000, 7500],
    MAKE_IT_SAFE: [1000, 2000, 4000],
}
FIGURES = {
    ImpactFigure.Key.NETWORK_MEMBERS: 102,
    ImpactFigure.Key.TRAINED: 410,
    ImpactFigure.Key.PARTNERS: 76,
    ImpactFigure.Key.CHILDREN: 2500,
}
GIVEN_NAMES = {
    Role.READER: "Lecture",
    Role.CAMPAIGNER: "Campagnes",
    Role.FUNDRAISER: "Dons",
    Role.ADMINISTRATOR: "Administration",
}


def make_campaigns(*, today: date) -> dict[str, Campaign]:
    """Make the petition and the three campaigns that people join, in three languages."""
    return {slug: make_campaign(slug, opened_on(slug, today)) for slug in OPENED}


def opened_on(slug: str, today: date) -> date:
    return today - timedelta(days=OPENED[slug])


def make_campaign(slug: str, opened: date) -> Campaign:
    at: datetime = midnight(opened)
    petition = slug == PETITION
    campaign = Campaign.objects.create(
        slug=slug,
        kind=Campaign.Kind.PETITION if petition else Campaign.Kind.SIGN_UP,
        goal=GOAL if petition else None,
        suggested_amounts=AMOUNTS[slug],
        report_url="https://www.jedisstop.be",
        opens_at=at,
        created_at=at,
        modified_at=at,
    )
    CampaignText.objects.bulk_create(
        CampaignText(
            campaign=campaign,
            language=language,
            **{field: text.strip() for field, text in texts.items()},
        )
        for language, texts in read(slug).items()
    )
    return campaign


def make_wordings() -> dict[str, int]:
    """Make the wordings in three languages, unless there are some; return the newsletter's keys."""
    made = {
        (purpose, language): Wording.objects.get_or_create(
            purpose=purpose, version=1, language=language, defaults=texts
        )[0].pk
        for purpose in Purpose.values
        for language, texts in read(purpose).items()
    }
    return {key[1]: pk for key, pk in made.items() if key[0] == Purpose.NEWSLETTER}


def make_figures(*, today: date) -> None:
    """Report the brochure's figures for the last full year."""
    for key, value in FIGURES.items():
        ImpactFigure.objects.get_or_create(
            key=key, year=today.year - 1, defaults={"value": value, "note": "from the brochure"}
        )


def make_staff() -> None:
    """Make one account per role, all with the same password."""
    password = make_password(PASSWORD)
    for role in Role:
        user = get_user_model().objects.create(
            username=role.value,
            email=f"{role.value}@example.org",
            first_name=GIVEN_NAMES[role],
            is_staff=True,
            password=password,
        )
        user.groups.add(Group.objects.get(name=role))
