"""Which address leads where. Pages for everybody carry their language in front."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from crm.public import impact, lead_webhook, pictures

urlpatterns = [
    path("staff/", include("crm.staff.urls")),
    path("accounts/", include("crm.staff.signin_urls")),
    path("api/v2/", include("crm.api.urls")),
    path("dashboard/", include("dashboard.urls")),
    path("webhooks/mail/", include("crm.public.mail_webhook_urls")),
    path("webhooks/facebook/leads/", lead_webhook.leads, name="lead-webhook"),
    path("webhooks/", include("payments.webhook_urls")),
    path("dev/mail/", include("crm.public.devmail_urls")),
    path("unsubscribe/", include("crm.public.unsubscribe_urls")),
    path(
        "petition/<slug:slug>/picture/<slug:digest>.<slug:ending>",
        pictures.picture,
        name="petition-picture",
    ),
    path("impact.json", impact.figures, name="impact-json"),
    path("", include("crm.public.embed_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    *i18n_patterns(
        path("give/", include("payments.urls")),
        path("", include("crm.public.urls")),
    ),
]
