from django.urls import path

from licensing.api import applications, cases, catalog, determinations, licenses, register, releases, screenings, usage

app_name = "api"
urlpatterns = [
    path("models/", catalog.Models.as_view(), name="models"),
    path("models/<int:model_id>/versions/", catalog.Versions.as_view(), name="versions"),
    path("parties/", catalog.Parties.as_view(), name="parties"),
    path("sites/", catalog.Sites.as_view(), name="sites"),
    path("applications/", applications.Applications.as_view(), name="applications"),
    path("applications/<uuid:application_id>/", applications.OneApplication.as_view(), name="application"),
    path("applications/<uuid:application_id>/certify/", applications.CertifyApplication.as_view(), name="certify"),
    path("applications/<uuid:application_id>/file/", applications.FileApplication.as_view(), name="file"),
    path("cases/", cases.Cases.as_view(), name="cases"),
    path("cases/<str:control_number>/", cases.OneCase.as_view(), name="case"),
    path("questions/<uuid:question_id>/answer/", cases.AnswerQuestion.as_view(), name="answer"),
    path("licenses/", licenses.Licenses.as_view(), name="licenses"),
    path("licenses/<str:number>/", licenses.OneLicense.as_view(), name="license"),
    path("licenses/<str:number>/credential/", releases.LicenseCredential.as_view(), name="credential"),
    path("release-checks/", releases.ReleaseChecks.as_view(), name="release_checks"),
    path("bundle/", releases.Bundle.as_view(), name="bundle"),
    path("verification/credential/", releases.CredentialVerification.as_view(), name="credential_verification"),
    path("licenses/<str:number>/document/", licenses.LicenseDocument.as_view(), name="license_document"),
    path("licenses/<str:number>/usage/", usage.Usage.as_view(), name="usage"),
    path("licenses/<str:number>/usage/<str:client_reference>/", usage.OneUse.as_view(), name="one_use"),
    path("determinations/", determinations.Determinations.as_view(), name="determinations"),
    path("determinations/schema/", determinations.FactsSchema.as_view(), name="facts_schema"),
    path("register/", register.Register.as_view(), name="register"),
    path("register/statistics/", register.Statistics.as_view(), name="register_statistics"),
    path("register.csv", register.register_csv, name="register_csv"),
    path("register/statistics.csv", register.statistics_csv, name="register_statistics_csv"),
    path("screenings/", screenings.Screenings.as_view(), name="screenings"),
    path("screenings/<int:run_id>/", screenings.OneScreening.as_view(), name="screening"),
    path("verification/<str:number>/", licenses.Verification.as_view(), name="verification"),
]
