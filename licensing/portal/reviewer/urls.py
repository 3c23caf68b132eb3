from django.urls import path

from licensing.portal.reviewer import appeals, letters, licenses, notices, screening, views

app_name = "reviewer"
urlpatterns = [
    path("", views.queue, name="home"),
    path("screening/", screening.queue, name="screening"),
    path("screening/files/", screening.batches, name="batches"),
    path("screening/files/<uuid:batch_id>/", screening.batch, name="batch"),
    path("screening/files/<uuid:batch_id>/json/", screening.batch_result, {"format_": "json"}, name="batch_json"),
    path("screening/files/<uuid:batch_id>/csv/", screening.batch_result, {"format_": "csv"}, name="batch_csv"),
    path("cases/<str:control_number>/", views.case, name="case"),
    path("appeals/<str:reference>/", appeals.appeal, name="appeal"),
    path("cases/<str:control_number>/letters/new/", letters.write, name="write"),
    path("cases/<str:control_number>/documents/<uuid:document_id>/", views.document, name="document"),
    path("cases/<str:control_number>/hits/<int:hit_id>/", views.hit, name="hit"),
    path("cases/<str:control_number>/screening/again/", screening.again, name="screen_again"),
    *(
        path(
            f"cases/<str:control_number>/screening/<int:run_id>/record.{format_}",
            screening.export,
            {"format_": format_},
            name=f"export_{format_}",
        )
        for format_ in screening.TYPES
    ),
    path("cases/<str:control_number>/hits/<int:hit_id>/confirm/", views.hit_confirm, name="hit_confirm"),
    path("cases/<str:control_number>/seats/<str:seat>/claim/", views.claim, name="claim"),
    path("cases/<str:control_number>/seats/<str:seat>/release/", views.release, name="release"),
    path("cases/<str:control_number>/acts/<str:kind>/", views.act, name="act"),
    path("cases/<str:control_number>/acts/<str:kind>/<str:seat>/", views.act, name="act"),
    path("cases/<str:control_number>/seats/<str:seat>/recommend/", views.recommend, name="recommend"),
    path("cases/<str:control_number>/seats/<str:seat>/ask/", views.ask, name="ask"),
    path("cases/<str:control_number>/seats/<str:seat>/decide/", views.propose, name="propose"),
    path("cases/<str:control_number>/seats/<str:seat>/countersign/", views.countersign, name="countersign"),
    path("notices/", notices.notices, name="notices"),
    path("notices/registrations/", notices.registrations, name="registrations"),
    path("notices/<int:record_id>/", notices.notice, name="notice"),
    path("licenses/", licenses.licenses, name="licenses"),
    path("licenses/<str:number>/", licenses.license_page, name="license"),
    path("licenses/<str:number>/acts/<str:act>/", licenses.license_act, name="license_act"),
    path(
        "licenses/<str:number>/conditions/<int:condition>/<str:act>/",
        licenses.license_condition,
        name="license_condition",
    ),
    path("licenses/<str:number>/requests/<int:request_id>/", licenses.license_request, name="license_request"),
]
