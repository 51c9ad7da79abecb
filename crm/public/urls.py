"""Pages for everybody."""

from django.urls import include, path

from crm.public import views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("petition/<slug:slug>/", views.petition, name="petition"),
    path("petition/<slug:slug>/count/", views.count, name="petition-count"),
    path("petition/<slug:slug>/signed/", views.signed, name="petition-signed"),
    path("petition/<slug:slug>/thanks/", views.thanks, name="petition-thanks"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("me/", include("crm.public.donor_urls")),
]
