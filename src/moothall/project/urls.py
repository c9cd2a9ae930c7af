"""Every address: the desk, the public pages, what programs call, and signing in."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path
from django.views.decorators.http import require_POST

_sign_out = require_POST(account.logout)

urlpatterns = [
    path("sign-in/", account.login, name="sign-in"),
    path("sign-out/", _sign_out, name="sign-out"),
    # allauth looks its pages up under its own names. Only these two of them exist here; there is no sign-up.
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", _sign_out, name="account_logout"),
    path("", include("moothall.api.urls")),
    path("", include("moothall.desk.urls")),
    path("", include("moothall.website.urls")),
]
