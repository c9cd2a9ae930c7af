"""The officers' screens."""

from __future__ import annotations

from django.urls import include, path

from moothall.desk import asking, hand_ins, second_reading, views

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
    path("hand-ins/", hand_ins.index, name="hand-ins"),
    path("hand-ins/new/", hand_ins.new, name="hand-in-new"),
    path("hand-ins/<int:hand_in_id>/", hand_ins.one, name="hand-in"),
    path("hand-ins/<int:hand_in_id>/state/", hand_ins.state, name="hand-in-state"),
    path("hand-ins/<int:hand_in_id>/step/", hand_ins.step, name="hand-in-step"),
    path("hand-ins/<int:hand_in_id>/decide/", hand_ins.decide, name="hand-in-decide"),
    path("hand-ins/<int:hand_in_id>/answer/", hand_ins.answer, name="hand-in-answer"),
    path("hand-ins/<int:hand_in_id>/undo/", hand_ins.undo, name="hand-in-undo"),
    path("hand-ins/<int:hand_in_id>/done/<int:act_id>/", hand_ins.done, name="hand-in-done"),
    path("hand-ins/<int:hand_in_id>/seen.png", hand_ins.picture, {"which": "seen"}, name="hand-in-seen"),
    path("hand-ins/<int:hand_in_id>/ours.png", hand_ins.picture, {"which": "ours"}, name="hand-in-ours"),
    path("hand-ins/<int:hand_in_id>/pack/", hand_ins.pack, name="hand-in-pack"),
    path("council/", include("moothall.desk.council.urls")),
    path("records/", views.records, name="records"),
]
