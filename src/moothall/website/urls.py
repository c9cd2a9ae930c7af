"""The public pages: no sign-in, no cookie, no call to any third party."""

from __future__ import annotations

from django.urls import path

from moothall.website import views

urlpatterns = [
    path("house-rules/", views.house_rules, name="house-rules"),
    path("house-rules/versions/", views.versions, name="house-rules-versions"),
    path("house-rules/versions/<path:version>/house-rules.yaml", views.version_file, name="house-rules-version-file"),
    path("house-rules/versions/<path:version>/", views.version, name="house-rules-version"),
]
