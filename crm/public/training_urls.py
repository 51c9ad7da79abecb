"""Trainings: what is announced, and the pages behind the links of their mails."""

from django.urls import path

from crm.public import trainings

urlpatterns = [
    path("", trainings.trainings, name="trainings"),
    path("confirm/<str:token>/", trainings.confirm, name="training-confirm"),
    path("leave/<str:token>/", trainings.leave, name="training-leave"),
    path("<uuid:public_id>/", trainings.session, name="training"),
    path("<uuid:public_id>/asked/", trainings.asked, name="training-asked"),
]
