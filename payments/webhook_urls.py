"""Addresses that machines call; they carry no language."""

from django.urls import path

from payments import webhooks

app_name = "webhooks"
urlpatterns = [
    path("stripe/", webhooks.stripe, name="stripe"),
]
