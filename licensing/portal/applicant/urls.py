from django.urls import path, re_path

from licensing.portal.applicant.views import appeals, authorizations, cases, drafts, library, licenses, orders, parts

app_name = "applicant"
APPLICATION = "applications/<uuid:application_id>/"
LICENSE = "licenses/<str:number>/"
urlpatterns = [
    path("", cases.home, name="home"),
    path("applications/new/", drafts.start, name="start"),
    path(APPLICATION, drafts.tasks, name="tasks"),
    path(f"{APPLICATION}check/", drafts.check, name="check"),
    path(f"{APPLICATION}certify/", drafts.certification, name="certify"),
    path(f"{APPLICATION}file/", drafts.file, name="file"),
    path(f"{APPLICATION}items/", parts.items, name="items"),
    path(f"{APPLICATION}parties/", parts.parties, name="parties"),
    path(f"{APPLICATION}sites/", parts.sites, name="sites"),
    path(f"{APPLICATION}documents/", parts.documents, name="documents"),
    re_path(
        r"^applications/(?P<application_id>[0-9a-f-]{36})/(?P<part>items|parties|sites|documents)/(?P<row_id>\d+)/remove/$",
        parts.remove,
        name="remove",
    ),
    re_path(
        r"^applications/(?P<application_id>[0-9a-f-]{36})/(?P<slug>transaction|contact|end-use|notes)/$",
        drafts.topic,
        name="topic",
    ),
    path("cases/<str:control_number>/", cases.case, name="case"),
    path("letters/<uuid:letter_id>/appeal/", appeals.appeal, name="appeal"),
    path("cases/<str:control_number>/withdraw/", cases.withdraw, name="withdraw"),
    path("questions/<uuid:question_id>/", cases.question, name="question"),
    path("licenses/", licenses.licenses, name="licenses"),
    path(LICENSE, licenses.license_page, name="license"),
    path(f"{LICENSE}document/", licenses.license_document, name="license_document"),
    path(f"{LICENSE}usage/", licenses.usage, name="usage"),
    path(f"{LICENSE}acknowledgments/", licenses.acknowledgments, name="acknowledgments"),
    path(f"{LICENSE}changes/", licenses.changes, name="changes"),
    path(f"{LICENSE}changes/<str:kind>/", licenses.change, name="change"),
    path(f"{LICENSE}surrender/", licenses.surrender, name="surrender"),
    path("transfers/<int:request_id>/", licenses.transfer, name="transfer"),
    path("orders/<int:service_id>/", orders.order, name="order"),
    path("orders/<int:service_id>/letter/", orders.order_letter, name="order_letter"),
    path("authorizations/", authorizations.authorization_list, name="authorizations"),
    path("authorizations/check-a-release/", authorizations.release_check, name="release_check"),
    path("authorizations/<str:key>/", authorizations.authorization, name="authorization"),
    path("authorizations/<str:key>/records/<int:record_id>/", authorizations.duty_record, name="duty_record"),
    path("authorizations/<str:key>/<str:what>/", authorizations.act, name="authorization_act"),
    path("models/new/", library.new_model, name="new_model"),
    path("models/<int:model_id>/versions/new/", library.new_version, name="new_version"),
    path("organization/", library.organization, name="organization"),
    path("organization/owners/new/", library.new_own_stake, name="new_own_stake"),
    path("parties/new/", library.new_party, name="new_party"),
    path("parties/<int:party_id>/owners/new/", library.new_stake, name="new_stake"),
    path("sites/new/", library.new_site, name="new_site"),
]
