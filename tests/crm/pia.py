"""Pia, who signs, and the page on which she does."""

PIA = {
    "given_name": "Pia",
    "family_name": "Peeters",
    "email": "Pia@Example.org",
    "postcode": "2000",
    "country": "BE",
}


def page(campaign, language="en"):
    return f"/{language}/petition/{campaign.slug}/"
