"""Giving."""

from django.urls import path

from payments import card, views

app_name = "payments"
urlpatterns = [
    path("", views.donate, name="donate"),
    path("challenge/", views.challenge, name="challenge"),
    path("thanks/", views.thanks, name="thanks"),
    path("card/<str:token>/", card.card, name="card"),
]
