"""Every address of the site."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from licensing.api import releases
from licensing.portal import account as own_account
from licensing.portal import attachments, letters
from licensing.portal.public import acknowledging, need, orders
from licensing.portal.public import views as public

# Of allauth's pages only those that an account made by an administrator needs.
ACCOUNT: list[URLPattern | URLResolver] = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("sign-up/", account.signup, name="account_signup"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("again/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("tokens/", own_account.tokens, name="account_tokens"),
    path("tokens/<uuid:token_id>/revoke/", own_account.revoke, name="account_token_revoke"),
    path("second-factor/", include("allauth.mfa.urls")),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.start, name="start"),
    path("do-i-need-a-license/", need.need, name="need"),
    path("verify/", public.verification, name="verify"),
    path("verify/<str:number>/", public.verify_number, name="verify_number"),
    path("acknowledge/<str:token>/", acknowledging.acknowledgment, name="acknowledge"),
    path("register/", public.register, name="register"),
    path("orders/", orders.orders, name="control_orders"),
    path("orders/<slug:key>/", orders.order, name="control_order"),
    path("sign-in/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("account/", include(ACCOUNT)),
    path("applicant/", include("licensing.portal.applicant.urls")),
    path("review/", include("licensing.portal.reviewer.urls")),
    path("administration/", include("licensing.portal.administrator.urls")),
    path("attachments/<int:attachment_id>/", attachments.attachment, name="attachment"),
    path("letters/<uuid:letter_id>/", letters.letter, name="letter"),
    path("letters/<uuid:letter_id>/document/", letters.letter_document, name="letter_document"),
    path("developers/entente-check", public.client_for_pipelines, name="entente_check"),
    path("developers/", public.developers, name="schema-docs"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(".well-known/jwks.json", releases.jwks, name="jwks"),
    path("api/v1/", include("licensing.api.urls")),
]
