from django.urls import path, re_path

from dashboard import ids, views

app_name = "dashboard"
DASH = r"_dash-(?P<endpoint>layout|dependencies|update-component)$"
signatures = {"page": ids.SIGNATURES}
donations = {"page": ids.DONATIONS}

urlpatterns = [
    path("", views.index, signatures, name=ids.SIGNATURES),
    path("donations/", views.index, donations, name=ids.DONATIONS),
    re_path(rf"^{DASH}", views.dash, signatures),
    re_path(rf"^donations/{DASH}", views.dash, donations),
    path("_dash-component-suites/<path:path>", views.suite, signatures),
    # Dash asks for its large plotly.js below the page, where the small one was not built.
    path("donations/_dash-component-suites/<path:path>", views.suite, donations),
    path("export/<slug:chart>.csv", views.export, signatures, name="signatures-export"),
    path("donations/export/<slug:chart>.csv", views.export, donations, name="donations-export"),
]
