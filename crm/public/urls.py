"""Pages for everybody."""

from django.urls import include, path

from crm.public import confirming, donor_package, impact, newsletter, petition, preferences, views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("petition/<slug:slug>/", petition.petition, name="petition"),
    path("petition/<slug:slug>/count/", petition.count, name="petition-count"),
    path("petition/<slug:slug>/signed/", confirming.signed, name="petition-signed"),
    path("petition/<slug:slug>/thanks/", confirming.thanks, name="petition-thanks"),
    path("confirm/<str:token>/", confirming.confirm, name="confirm"),
    path("newsletter/", newsletter.sign_up, name="newsletter"),
    path("newsletter/asked/", newsletter.asked, name="newsletter-asked"),
    path("newsletter/confirm/<str:token>/", newsletter.confirm, name="newsletter-confirm"),
    path("preferences/<str:token>/", preferences.preferences, name="preferences"),
    path("trainings/", include("crm.public.training_urls")),
    path("impact/", impact.page, name="impact"),
    path("data/<str:token>/", donor_package.package, name="data"),
    path("me/", include("crm.public.donor_urls")),
]
