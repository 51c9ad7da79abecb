"""Where mailboxes post to. Links of mails lead here for ever: without a language in front."""

from django.urls import path

from crm.public import unsubscribe

urlpatterns = [path("<str:token>/", unsubscribe.one_click, name="unsubscribe")]
