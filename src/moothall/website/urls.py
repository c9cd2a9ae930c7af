"""The public pages: no sign-in, no cookie, no call to any third party."""

from __future__ import annotations

from django.urls import path

from moothall.website import views

urlpatterns = [path("house-rules/", views.house_rules, name="house-rules")]
