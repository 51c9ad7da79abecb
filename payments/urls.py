"""Giving."""

from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("", views.donate, name="donate"),
    path("thanks/", views.thanks, name="thanks"),
]
