"""Who may act: officers and managers of the Communications Team. Nobody else signs in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models


class OfficerManager(UserManager["Officer"]):
    """Creates officers by e-mail address; there is no public sign-up."""

    def create_officer(self, email: str, password: str, *, name: str, role: str = "officer", **extra: Any) -> Officer:
        return self.create_user(email.lower(), email.lower(), password, name=name, role=role, **extra)


class Officer(AbstractUser):
    """A person who signs in. Every act bears this person's name."""

    class Role(models.TextChoices):
        OFFICER = "officer", "Officer"
        MANAGER = "manager", "Manager"

    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.OFFICER)

    objects: ClassVar[OfficerManager] = OfficerManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=["officer", "manager"]), name="officer_role_known")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_manager(self) -> bool:
        return self.role == self.Role.MANAGER
