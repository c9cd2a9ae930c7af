"""What programs call."""

from __future__ import annotations

from django.urls import path

from moothall.api import views

urlpatterns = [path("health", views.health, name="health")]
