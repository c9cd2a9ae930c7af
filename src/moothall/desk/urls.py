"""The officers' screens."""

from __future__ import annotations

from django.urls import path

from moothall.desk import views

urlpatterns = [
    path("", views.queue, name="queue"),
    path("status/", views.status, name="status"),
    path("comments/<int:comment_id>/", views.comment, name="comment"),
    path("comments/<int:comment_id>/decide/", views.decide, name="decide"),
    path("comments/<int:comment_id>/skip/", views.skip, name="skip"),
    path("decided/", views.decided, name="decided"),
    path("decisions/<int:decision_id>/", views.decision, name="decision"),
    path("decisions/<int:decision_id>/state/", views.decision_state, name="decision-state"),
    path("decisions/<int:decision_id>/undo/", views.undo, name="undo"),
    path("deliveries/<int:delivery_id>/settle/", views.settle, name="settle"),
    path("records/", views.records, name="records"),
]
