"""Who gets in: signed-in officers; managers where it says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import add_never_cache_headers

from moothall.team.models import Officer

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def officers_only(view: View[P]) -> View[P]:
    """Send anybody else to the sign-in page, and let no browser keep a copy of what is shown."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, Officer):
            if request.headers.get("HX-Request"):
                # A part of a page that asks after the session ended: the whole page goes to the sign-in page.
                return HttpResponse(headers={"HX-Redirect": resolve_url("sign-in")})
            return redirect_to_login(request.get_full_path(), resolve_url("sign-in"))
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponse):
            add_never_cache_headers(response)
        return response

    return guarded


def managers_only(view: View[P]) -> View[P]:
    """As ``officers_only``, and 403 for an officer who is no manager."""

    @officers_only
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not officer_of(request).is_manager:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def officer_of(request: HttpRequest) -> Officer:
    """Return who is signed in. Only for views that let nobody else in."""
    if not isinstance(request.user, Officer):
        raise PermissionDenied
    return request.user
