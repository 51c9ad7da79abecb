"""What signers reach by the links of our mails, after they have confirmed or instead of it."""

from django.urls import path

from crm.public import disowning, own_signature

urlpatterns = [
    path("not-me/", disowning.disowned, name="not-me-done"),
    path("not-me/<str:token>/", disowning.not_me, name="not-me"),
    path("signature/<str:token>/", own_signature.page, name="signature"),
    path("signature/<str:token>/data/", own_signature.put_right, name="signature-data"),
    path("signature/<str:token>/comment/", own_signature.say, name="signature-comment"),
    path("signature/<str:token>/withdraw/", own_signature.withdraw, name="signature-withdraw"),
]
