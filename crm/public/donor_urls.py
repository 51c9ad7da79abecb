"""The donor's own page. Everything but the first three is opened by the link of a mail."""

from django.urls import path, re_path

from crm.public import donor, donor_correct, donor_papers, donor_plans, donor_privacy, donor_tax

NUMBER = r"(?P<number>\d{4}-\d{6,9})"

urlpatterns = [
    path("", donor.link, name="donor-link"),
    path("asked/", donor.asked, name="donor-asked"),
    path("erased/", donor_privacy.erased, name="donor-erased"),
    path("<str:token>/", donor.donor, name="donor"),
    path("<str:token>/newsletter/", donor.newsletter, name="donor-newsletter"),
    path("<str:token>/communication/", donor.communication, name="donor-communication"),
    re_path(rf"^(?P<token>[^/]+)/receipt/{NUMBER}/$", donor_papers.receipt, name="donor-receipt"),
    path("<str:token>/receipt/", donor_papers.receipt_for_year, name="donor-year"),
    path("<str:token>/certificate/<int:year>/", donor_papers.certificate, name="donor-certificate"),
    path("<str:token>/details/", donor_tax.details, name="donor-details"),
    path("<str:token>/plan/<uuid:public_id>/", donor_plans.plan, name="donor-plan"),
    path("<str:token>/plan/<uuid:public_id>/amount/", donor_plans.change, name="donor-plan-amount"),
    path("<str:token>/plan/<uuid:public_id>/pause/", donor_plans.pause, name="donor-plan-pause"),
    path("<str:token>/plan/<uuid:public_id>/resume/", donor_plans.resume, name="donor-plan-resume"),
    path("<str:token>/plan/<uuid:public_id>/end/", donor_plans.end, name="donor-plan-end"),
    path("<str:token>/data/", donor_privacy.data, name="donor-data"),
    path("<str:token>/correct/", donor_correct.correct, name="donor-correct"),
    path("<str:token>/erase/", donor_privacy.erase, name="donor-erase"),
]
