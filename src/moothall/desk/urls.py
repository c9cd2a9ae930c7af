"""The officers' screens."""

from __future__ import annotations

from django.urls import include, path

from moothall.desk import asking, second_reading, views

urlpatterns = [
    path("", views.queue, name="queue"),
    path("status/", views.status, name="status"),
    path("comments/<int:comment_id>/", views.comment, name="comment"),
    path("comments/<int:comment_id>/decide/", views.decide, name="decide"),
    path("comments/<int:comment_id>/skip/", views.skip, name="skip"),
    path("comments/<int:comment_id>/step/", asking.take_step, name="take-step"),
    path("comments/<int:comment_id>/facts/", asking.state_facts, name="state-facts"),
    path("comments/<int:comment_id>/reading/", asking.reading_state, name="reading-state"),
    path("comments/<int:comment_id>/second-reading/", second_reading.ask, name="second-reading"),
    path("proposals/<int:proposal_id>/confirm/", asking.confirm, name="confirm-proposal"),
    path("proposals/<int:proposal_id>/decline/", asking.decline, name="decline-proposal"),
    path("proposals/<int:proposal_id>/withdraw/", asking.withdraw, name="withdraw-proposal"),
    path("decided/", views.decided, name="decided"),
    path("decisions/<int:decision_id>/", views.decision, name="decision"),
    path("decisions/<int:decision_id>/state/", views.decision_state, name="decision-state"),
    path("decisions/<int:decision_id>/undo/", views.undo, name="undo"),
    path("deliveries/<int:delivery_id>/settle/", views.settle, name="settle"),
    path("council/", include("moothall.desk.council.urls")),
    path("records/", views.records, name="records"),
]
