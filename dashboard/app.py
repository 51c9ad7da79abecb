"""The one Dash app. Its page is a Django template; its addresses are views of ours."""

from typing import Any

from dash import Dash
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.safestring import mark_safe

from crm.lib.periods import local_day
from crm.reports import campaigns
from dashboard import bridge, callbacks, layout  # noqa: F401 (importing callbacks registers them)
from dashboard.inputs import read_filters
from dashboard.pages import PAGES

PREFIX = "/dashboard/"
BASIC = "plotly/plotly-basic.min.js"


class Board(Dash):
    def _config(self) -> dict[str, Any]:
        """Each page asks for its layout and its figures below its own address."""
        page = PAGES[bridge.current().page]
        return {**super()._config(), "requests_pathname_prefix": page.address}

    def interpolate_index(self, *_: Any, **parts: Any) -> str:
        """Render our template around Dash's parts, whose scripts get the answer's nonce."""
        request, name = bridge.current()
        choices = campaigns.choices()
        today = local_day(timezone.now())
        mark = f'<script nonce="{request.csp_nonce}"'
        context = {
            # Dash's own markup: nothing of it comes from a visitor.
            "dash": {
                kind: mark_safe(part.replace("<script", mark))  # noqa: S308
                for kind, part in parts.items()
            },
            "page": PAGES[name],
            "pages": [page for page in PAGES.values() if page.may_be_seen_by(request.user)],
            "filters": read_filters(request.GET, {choice.pk for choice in choices}, today),
            "choices": choices,
            "today": today,
            "plotly": plotly_bundle(),
        }
        return render_to_string("dashboard/index.html", context, request=request)


def plotly_bundle() -> str | None:
    """The address of plotly's small bundle, if it was built; without it, Dash loads its own."""
    if "plotly" not in dict(settings.STATICFILES_DIRS):
        return None
    try:
        return static(BASIC)
    except ValueError:  # static files were collected before it was built
        return None


app = Board(
    "dashboard",
    requests_pathname_prefix=PREFIX,
    routes_pathname_prefix=PREFIX,
    include_assets_files=False,
    csrf_token_name=settings.CSRF_COOKIE_NAME,
    csrf_header_name=settings.CSRF_HEADER_NAME.removeprefix("HTTP_").replace("_", "-"),
    # Left alone, Dash sees Django's asgiref and goes async, where the ORM refuses to work.
    use_async=False,
    update_title="",
    add_log_handler=False,
    suppress_callback_exceptions=True,
)
app.layout = layout.page
# Set up now: two first requests at once would find it half done (plotly/dash#3971).
with app.server.test_request_context(PREFIX):
    app._setup_server()
