"""What other sites load: the script that puts a petition on a page, and oEmbed's answers."""

from django.urls import path

from crm.public import embed, oembed

urlpatterns = [
    path("embed.js", embed.script, name="embed-script"),
    path("oembed", oembed.oembed, name="oembed"),
]
