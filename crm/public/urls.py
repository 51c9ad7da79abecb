"""Pages for everybody."""

from django.urls import include, path

from crm.public import (
    accepting,
    breakdown,
    confirming,
    delivery_check,
    donor_package,
    embed,
    impact,
    newsletter,
    petition,
    preferences,
    preview,
    steps,
    views,
)

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("petition/<slug:slug>/", petition.petition, name="petition"),
    path("petition/<slug:slug>/count/", petition.count, name="petition-count"),
    path("petition/<slug:slug>/count/about/", breakdown.page, name="petition-count-about"),
    path("petition/<slug:slug>/count/about/data/", breakdown.data, name="petition-count-data"),
    path("delivery/<uuid:public_id>/", delivery_check.page, name="delivery"),
    path("delivery/<uuid:public_id>/facts.json", delivery_check.facts, name="delivery-facts"),
    path("petition/<slug:slug>/seen/", steps.seen, name="petition-seen"),
    path("petition/<slug:slug>/shared/", steps.shared, name="petition-shared"),
    path("petition/<slug:slug>/preview/", preview.preview, name="petition-preview"),
    path("petition/<slug:slug>/signed/", confirming.signed, name="petition-signed"),
    path("petition/<slug:slug>/thanks/", confirming.thanks, name="petition-thanks"),
    path("challenge/", accepting.challenge, name="challenge"),
    path("embed/<slug:slug>/", embed.petition, name="embed"),
    path("embed/<slug:slug>/signed/", embed.signed, name="embed-signed"),
    path("confirm/<str:token>/", confirming.confirm, name="confirm"),
    path("", include("crm.public.signing_urls")),
    path("newsletter/", newsletter.sign_up, name="newsletter"),
    path("newsletter/asked/", newsletter.asked, name="newsletter-asked"),
    path("newsletter/confirm/<str:token>/", newsletter.confirm, name="newsletter-confirm"),
    path("preferences/<str:token>/", preferences.preferences, name="preferences"),
    path("trainings/", include("crm.public.training_urls")),
    path("impact/", impact.page, name="impact"),
    path("data/<str:token>/", donor_package.package, name="data"),
    path("me/", include("crm.public.donor_urls")),
]
