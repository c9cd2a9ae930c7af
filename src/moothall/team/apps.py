"""Officers, their roles, and signing in."""

from __future__ import annotations

from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "moothall.team"
    label = "team"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from moothall.team.sign_in import listen

        listen()
