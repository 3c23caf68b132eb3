from django.urls import path

from licensing.portal.administrator import days, incidents, lists, screening, views

app_name = "administrator"
urlpatterns = [
    path("", views.home, name="home"),
    path("lists/on-a-day/", days.on_a_day, name="on_a_day"),
    path("lists/<str:key>/import/", lists.import_file, name="import"),
    path("lists/<str:key>/import/confirm/", lists.confirm_import, name="confirm_import"),
    path("lists/<str:key>/export/", lists.export, name="export"),
    path("publications/<slug:kind>/new/", views.new, name="new"),
    path("publications/<slug:kind>/<str:key>/", views.publication, name="publication"),
    path("publications/<slug:kind>/<str:key>/compare/", views.compare, name="compare"),
    path("publications/<slug:kind>/<str:key>/draft/", views.open_draft, name="open_draft"),
    path("drafts/<int:publication_id>/", views.draft, name="draft"),
    path("drafts/<int:publication_id>/edit/", views.edit, name="edit"),
    path("drafts/<int:publication_id>/describe/", lists.describe, name="describe"),
    path("drafts/<int:publication_id>/add/", lists.add, name="add"),
    path("drafts/<int:publication_id>/members/<str:code>/", lists.member, name="member"),
    path("drafts/<int:publication_id>/remove/<str:code>/", lists.remove, name="remove"),
    path("drafts/<int:publication_id>/propose/", views.propose, name="propose"),
    path("drafts/<int:publication_id>/publish/", views.publish, name="publish"),
    path("drafts/<int:publication_id>/withdraw/", views.withdraw, name="withdraw"),
    path("screening/", screening.home, name="screening"),
    path("screening/<int:snapshot_id>/", screening.snapshot, name="snapshot"),
    path("incidents/", incidents.home, name="incidents"),
    path("incidents/<uuid:row_id>/again/", incidents.again, name="again"),
    path("cases/<str:control_number>/", incidents.case, name="case"),
    path("cases/<str:control_number>/<slug:key>/", incidents.rescue, name="rescue"),
]
