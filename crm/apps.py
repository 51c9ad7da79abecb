"""The Django app that all of `crm` is."""

from anymail.signals import tracking
from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = "Soutien"

    def ready(self) -> None:
        # Models and checks are there only now.
        from crm import access, checks  # noqa: F401, PLC0415 (needs the app registry)
        from crm.mailing import hearing  # noqa: PLC0415 (likewise)

        post_migrate.connect(access.sync_roles, dispatch_uid="crm.access.sync_roles")
        tracking.connect(hearing.hear, dispatch_uid="crm.mailing.hearing.hear")
