"""The screens for what the council sets, below /council/."""

from __future__ import annotations

from django.urls import path

from moothall.desk.council import elections, hours, overview, pictures, registers, rules

urlpatterns = [
    path("", overview.council, name="council"),
    path("rules/", rules.rules, name="council-rules"),
    path("rules/new/", rules.new, name="council-rules-new"),
    path("rules/propose/", rules.propose, name="council-rules-propose"),
    path("rules/proposals/<int:proposal_id>/", rules.proposal, name="council-proposal"),
    path("rules/proposals/<int:proposal_id>/put-in-force/", rules.put_in_force, name="council-proposal-put-in-force"),
    path("rules/proposals/<int:proposal_id>/turn-down/", rules.turn_down, name="council-proposal-turn-down"),
    path("rules/versions/<int:version_id>/", rules.version, name="council-version"),
    path("rules/versions/<int:version_id>/withdraw/", rules.withdraw, name="council-version-withdraw"),
    path("registers/<str:name>/", registers.register, name="council-register"),
    path("registers/<str:name>/add/", registers.add, name="council-entry-add"),
    path("registers/<str:name>/import/", registers.import_rows, name="council-import"),
    path("registers/<str:name>/import/apply/", registers.apply_rows, name="council-import-apply"),
    path("registers/<str:name>/export/", registers.export, name="council-export"),
    path("registers/<str:name>/<int:entry_id>/", registers.entry, name="council-entry"),
    path("registers/<str:name>/<int:entry_id>/change/", registers.change, name="council-entry-change"),
    path("registers/<str:name>/<int:entry_id>/end/", registers.end, name="council-entry-end"),
    path("pictures/", pictures.pictures, name="council-pictures"),
    path("pictures/<int:picture_id>/", pictures.picture, name="council-picture"),
    path("pictures/<int:picture_id>/remove/", pictures.remove, name="council-picture-remove"),
    path("pictures/<int:picture_id>/small.jpg", pictures.picture_file, {"size": "small"}, name="council-picture-small"),
    path("pictures/<int:picture_id>/copy.jpg", pictures.picture_file, {"size": "copy"}, name="council-picture-copy"),
    path("elections/", elections.elections, name="council-elections"),
    path("elections/add/", elections.add, name="council-election-add"),
    path("elections/<int:election_id>/", elections.election, name="council-election"),
    path("elections/<int:election_id>/change/", elections.change, name="council-election-change"),
    path("elections/<int:election_id>/call-off/", elections.call_off, name="council-election-call-off"),
    path("elections/<int:election_id>/confirm/", elections.confirm, name="council-election-confirm"),
    path("periods/add/", elections.enter_period, name="council-period-add"),
    path("periods/<int:period_id>/", elections.period, name="council-period"),
    path("periods/<int:period_id>/confirm/", elections.confirm_entered, name="council-period-confirm"),
    path("periods/<int:period_id>/correct/", elections.correct, name="council-period-correct"),
    path("hours/", hours.hours, name="council-hours"),
    path("hours/week/", hours.change_week, name="council-week"),
    path("incident/", hours.incident, name="council-incident"),
    path("incident/start/", hours.start_incident, name="council-incident-start"),
    path("incident/end/", hours.end_incident, name="council-incident-end"),
]
