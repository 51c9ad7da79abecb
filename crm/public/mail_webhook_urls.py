"""Anymail's addresses for what became of mails, one for each provider. Mail to us is not taken."""

from anymail.urls import urlpatterns as of_anymail
from django.urls import URLPattern

from crm.public.mail_webhooks import guarded

app_name = "anymail"  # so that anymail finds its own names
urlpatterns = [
    URLPattern(each.pattern, guarded(each.callback), each.default_args, each.name)
    for each in of_anymail
    if each.name.endswith(("tracking_webhook", "mandrill_webhook"))
]
