"""Pages for everybody."""

from django.urls import include, path

from crm.public import donor_package, impact, newsletter, preferences, views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("petition/<slug:slug>/", views.petition, name="petition"),
    path("petition/<slug:slug>/count/", views.count, name="petition-count"),
    path("petition/<slug:slug>/signed/", views.signed, name="petition-signed"),
    path("petition/<slug:slug>/thanks/", views.thanks, name="petition-thanks"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("newsletter/", newsletter.sign_up, name="newsletter"),
    path("newsletter/asked/", newsletter.asked, name="newsletter-asked"),
    path("newsletter/confirm/<str:token>/", newsletter.confirm, name="newsletter-confirm"),
    path("preferences/<str:token>/", preferences.preferences, name="preferences"),
    path("trainings/", include("crm.public.training_urls")),
    path("impact/", impact.page, name="impact"),
    path("data/<str:token>/", donor_package.package, name="data"),
    path("me/", include("crm.public.donor_urls")),
]
