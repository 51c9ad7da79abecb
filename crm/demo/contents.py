"""What the demo says: campaigns, the newsletter's wording, figures, and staff accounts."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from crm.access import Role
from crm.campaigns.models import Ask, Campaign, CampaignText
from crm.demo import picture
from crm.demo.data import read
from crm.demo.moments import midnight
from crm.privacy.models import Purpose, Wording
from crm.programmes.models import ImpactFigure

GOAL = 125_000
PASSWORD = "soutien-demo"  # noqa: S105 (printed on purpose: the demo has nothing to protect)
PETITION, JE_DIS_STOP, REACT, MAKE_IT_SAFE = "stop-traite", "je-dis-stop", "react", "make-it-safe"
OPEN_EYES, ONLINE = "voyager-les-yeux-ouverts", "en-ligne-en-securite"
# How many days ago each opened; the last is yet to open.
OPENED = {PETITION: 1103, JE_DIS_STOP: 2400, REACT: 2000, MAKE_IT_SAFE: 1290, OPEN_EYES: 3650}
OPENED |= {ONLINE: -21}
BOTH = [Purpose.NEWSLETTER.value, Purpose.APPEALS.value]
POSTCODE, COUNTRY, PHONE, COMMENT = (ask.value for ask in (Ask.POSTCODE, Ask.COUNTRY, Ask.PHONE,
    Ask.COMMENT))  # fmt: skip
MORE: dict[str, dict[str, Any]] = {
    PETITION: {
        "kind": Campaign.Kind.PETITION,
        "goal": GOAL,
        "goal_rises": True,
        "suggested_amounts": [1500, 2500, 4000, 10000],
        "purposes": BOTH,
    },
    JE_DIS_STOP: {"suggested_amounts": [1000, 2500, 4000], "asked": [POSTCODE, COUNTRY]},
    # For professionals, who are called back.
    REACT: {
        "suggested_amounts": [2500, 4000, 7500],
        "asked": [POSTCODE, PHONE],
        "required": [POSTCODE],
        "is_embeddable": False,
    },
    MAKE_IT_SAFE: {"suggested_amounts": [1000, 2000, 4000]},
    OPEN_EYES: {"kind": Campaign.Kind.PETITION, "suggested_amounts": [1500, 2500, 5000]},
    ONLINE: {
        "kind": Campaign.Kind.PETITION,
        "goal": 5000,
        "goal_rises": True,
        "suggested_amounts": [1500, 2500, 4000],
        "purposes": BOTH,
        "asked": [POSTCODE, COUNTRY, PHONE, COMMENT],
        "is_public": False,
    },
}
CLOSED_FOR = 3000  # days since the one in the archive closed
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
    """Make those that are open, one of before that is in the archive, and one that is prepared."""
    made = {slug: make_campaign(slug, today) for slug in OPENED}
    over, closed = made[OPEN_EYES], midnight(today - timedelta(days=CLOSED_FOR))
    over.closes_at, over.archived_at = closed, closed + timedelta(days=90)
    over.save()
    picture.hang(made[PETITION], at=made[PETITION].created_at)
    return made


def opened_on(slug: str, today: date) -> date:
    return today - timedelta(days=OPENED[slug])


def make_campaign(slug: str, today: date) -> Campaign:
    opens_at = midnight(opened_on(slug, today))
    at = min(opens_at, midnight(today - timedelta(days=2)))
    campaign = Campaign.objects.create(
        slug=slug,
        report_url="https://www.jedisstop.be",
        opens_at=opens_at,
        created_at=at,
        modified_at=at,
        **{"kind": Campaign.Kind.SIGN_UP} | MORE[slug],
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


def make_wordings() -> dict[str, dict[str, int]]:
    """Make the wordings in three languages, unless there are some; return their keys by purpose."""
    return {
        purpose: {
            language: Wording.objects.get_or_create(
                purpose=purpose, version=1, language=language, defaults=texts
            )[0].pk
            for language, texts in read(purpose).items()
        }
        for purpose in Purpose.values
    }


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
