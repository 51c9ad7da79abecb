"""The mails of a machine on which one develops."""

from django.urls import path

from crm.public import devmail_views

app_name = "devmail"
urlpatterns = [
    path("", devmail_views.index, name="list"),
    path("<str:file>/<int:position>/", devmail_views.show, name="show"),
    path("<str:file>/<int:position>/html/", devmail_views.html, name="html"),
    path(
        "<str:file>/<int:position>/attachment/<int:number>/",
        devmail_views.attachment,
        name="attachment",
    ),
]
