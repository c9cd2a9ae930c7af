"""A copy seen elsewhere is handed in: the page's own test is stated, then block and report may be decided, and no sooner."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from PIL import Image

from moothall.council.actions import add_entry, end_entry, put_in_force
from moothall.council.models import PolicyVersion
from moothall.moderation import hand_in_acts as acts
from moothall.moderation.hand_in_acts import Authorised, HandInDecided, SomebodyWasQuicker, StateFirst
from moothall.moderation.hand_in_state import HandInState, hand_in_state, hand_ins, offers
from moothall.moderation.handing_in import Upload, hand_in
from moothall.moderation.models import HandIn, HandInAct, HandInDone, HandInPicture
from moothall.moderation.second_officer import NotAnother, NotYours, ProposalClosed, SecondPersonNeeded
from moothall.policy import default_policy
from moothall.policy.shipped import shipped
from moothall.records.models import Record
from moothall.records.queries import verify_live
from moothall.team.models import Officer
from moothall.words import DomainError
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NAME = "Thornbury-on-Wold Borough C\u043euncil"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(cast.MONDAY, tick=False):
        yield


@pytest.fixture
def amina(db: None) -> Officer:
    cast.rules()
    cast.channel(platform="x", account="thornburybc")
    return cast.officer()


@pytest.fixture
def bryn(db: None) -> Officer:
    return cast.officer("Bryn")


def clause() -> str:
    return next(each.id for each in default_policy().clauses if "brand_misuse" in each.grounds)


def png(colour: str = "navy", size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def account(officer: Officer, **fields: Any) -> HandIn:
    given: dict[str, Any] = {
        "platform": "x",
        "address": "https://x.example/thornbury_bc",
        "name": NAME,
        "handle": "thornbury_bc",
        "description": "It asks residents for their bank details in our name.",
        "seen_at": timezone.now() - timedelta(hours=1),
    }
    return hand_in(officer=officer, **(given | fields))


def state(row: HandIn) -> HandInState:
    found = hand_in_state(row.pk)
    assert found is not None
    return found


def say(row: HandIn, officer: Officer, *, confusing: bool = True, authorised: bool = False) -> HandInAct:
    return acts.state(
        row.pk, officer=officer, confusing=confusing, authorised=authorised, expected_number=state(row).next_number
    )


def decide(row: HandIn, officer: Officer, *measures: str, **fields: Any) -> HandInAct:
    given: dict[str, Any] = {"clause_id": clause(), "expected_number": state(row).next_number}
    return acts.decide(row.pk, officer=officer, measures=measures, **(given | fields))


# ---- handing in ----


def test_what_was_seen_is_kept_with_what_it_is_like_and_a_record(amina):
    row = account(amina)
    assert row.compared["ours"] == {
        "platform": "x",
        "name": "Thornbury-on-Wold Borough Council",
        "handle": "thornburybc",
    }
    assert row.compared["similarity"] > 0.9
    assert row.compared["reasons"]
    record = Record.objects.get(kind="hand_in.made")
    assert record.actor == amina.email
    assert json.loads(record.payload)["sha256"] == row.sha256
    assert NAME not in record.payload
    assert verify_live().ok


def test_pressing_twice_keeps_it_once(amina):
    assert account(amina, picture=Upload(png())) == account(amina, picture=Upload(png()))
    assert (HandIn.objects.count(), HandInPicture.objects.count()) == (1, 1)
    assert Record.objects.filter(kind="hand_in.made").count() == 1


def test_an_account_like_none_of_ours_is_still_taken_in(amina):
    assert account(amina, name="Wold Cider Club", handle="woldcider").compared == {}


def test_the_officer_may_say_which_account_it_passes_itself_off_as(amina):
    other = cast.channel(platform="bluesky", account="thornbury.example")
    row = account(amina, name="Wold Cider Club", handle="woldcider", copies=other.pk)
    assert row.compared["ours"]["platform"] == "bluesky"
    assert (row.compared["similarity"], row.compared["reasons"]) == (None, [])
    with pytest.raises(DomainError) as refused:
        account(amina, copies=0)
    assert refused.value.code == "channel_unknown"


def test_of_a_picture_the_clean_copy_is_kept_and_both_hashes(amina):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=b"Exif\0\0II*\0secret place")
    given = out.getvalue()
    row = account(amina, picture=Upload(given, "seen.jpg"), our_picture=Upload(png(), "ours.png"))
    assert row.picture is not None
    assert row.our_picture is not None
    kept = bytes(row.picture.png)
    assert kept.startswith(b"\x89PNG")
    assert b"secret" not in kept
    assert row.picture.given_sha256 == hashlib.sha256(given).hexdigest()
    assert row.picture.kept_sha256 == hashlib.sha256(kept).hexdigest()
    assert (row.picture.width, row.picture.height, row.picture.frames) == (64, 48, 1)


def test_what_differs_between_the_pictures_is_kept_as_it_was_found(amina):
    assert "marked" not in account(amina, picture=Upload(png())).compared
    changed = Image.new("RGB", (400, 400), "navy")
    changed.paste("white", (300, 300, 400, 400))
    out = io.BytesIO()
    changed.save(out, "PNG")
    ours = Upload(png(size=(400, 400)))
    ((x, y, width, height),) = account(amina, picture=Upload(out.getvalue()), our_picture=ours).compared["marked"]
    assert (x > 650, y > 650, x + width, y + height) == (True, True, 1000, 1000)
    assert account(amina, picture=Upload(png(size=(400, 100))), our_picture=ours).compared["marked"] is None


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    size = (60_000).to_bytes(4) * 2 + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (bomb(), "bomb.png", "picture_too_many_pixels"),
        (b"\x89PNG" + b"\0" * (20 * 1024 * 1024), "large.png", "picture_too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "x.svg", "picture_vector"),
        (png()[:60], "cut.png", "picture_damaged"),
        (b"", "empty.png", "picture_empty"),
    ],
)
def test_a_file_that_is_no_safe_picture_is_refused_with_its_reason_and_nothing_is_kept(amina, data, name, code):
    for field in ("picture", "our_picture"):
        with pytest.raises(DomainError) as refused:
            account(amina, **{field: Upload(data, name)})
        assert refused.value.code == code
    assert (HandIn.objects.count(), HandInPicture.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "ftp://x.example/",
        "//x.example/",
        "x.example",
        "https:///nowhere",
        "https://user:word@x.example/",
        "https://x.example/a b",
        "https://x.example/\u202ea",
        "https://x.example\\@y.example/",
        "http://[::1",
    ],
)
def test_only_an_address_of_the_web_is_taken(amina, address):
    with pytest.raises(DomainError) as refused:
        account(amina, address=address)
    assert refused.value.code == "address_refused"


def test_nothing_at_the_address_is_fetched_not_even_on_this_machine(amina, live_server_that_counts):
    account(amina, address=f"{live_server_that_counts.address}/thornbury")
    assert live_server_that_counts.asked == 0


@pytest.fixture
def live_server_that_counts() -> Iterator[Any]:
    import http.server
    import threading
    from types import SimpleNamespace

    count = SimpleNamespace(asked=0, address="")

    class Counts(http.server.BaseHTTPRequestHandler):
        def handle(self) -> None:
            count.asked += 1

    with http.server.HTTPServer(("127.0.0.1", 0), Counts) as server:
        count.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield count
        server.shutdown()


def test_what_is_missing_or_wrong_is_refused_in_words(amina):
    for fields, code in [
        ({"address": ""}, "nothing_to_look_at"),
        ({"description": " "}, "description_missing"),
        ({"seen_at": timezone.now() + timedelta(minutes=1)}, "seen_later"),
        ({"platform": "myspace"}, "platform_unknown"),
        ({"name": "a" * 201}, "too_long"),
        ({"handle": "@ThornburyBC"}, "own_account"),
    ]:
        with pytest.raises(DomainError) as refused:
            account(amina, **fields)
        assert refused.value.code == code


def test_an_officer_who_has_left_hands_nothing_in(amina):
    amina.is_active = False
    with pytest.raises(DomainError) as refused:
        account(amina)
    assert refused.value.code == "not_an_officer"


# ---- the page's own test ----


def test_nothing_is_offered_until_the_officer_states_that_it_could_confuse(amina):
    row = account(amina)
    assert state(row).stage == "to_state"
    assert offers(state(row)) == []
    with pytest.raises(StateFirst):
        decide(row, amina, "block")
    say(row, amina)
    assert state(row).stage == "to_decide"
    (offer,) = offers(state(row))
    assert ([each.measure for each in offer.measures], offer.recommended) == (["block", "report"], "block")


@pytest.mark.parametrize(("confusing", "authorised"), [(False, False), (True, True)])
def test_parody_and_what_was_allowed_are_left_alone(amina, confusing, authorised):
    row = account(amina)
    say(row, amina, confusing=confusing, authorised=authorised)
    assert offers(state(row)) == []
    with pytest.raises(StateFirst):
        decide(row, amina, "report")
    decide(row, amina, "ignore", clause_id="")
    assert state(row).stage == "left_alone"


def test_hiding_and_deleting_are_not_for_what_stands_elsewhere(amina):
    row = account(amina)
    say(row, amina)
    for measure in ("hide", "delete"):
        with pytest.raises(DomainError) as refused:
            decide(row, amina, measure)
        assert refused.value.code == "cannot_on_platform"


def test_nobody_is_blocked_where_it_is_not_known_whom(amina):
    for fields in ({"name": "", "handle": ""}, {"platform": ""}):
        row = account(amina, **fields)
        say(row, amina)
        (offer,) = offers(state(row))
        assert [each.measure for each in offer.measures] == ["report"]
        with pytest.raises(DomainError) as refused:
            decide(row, amina, "block")
        assert refused.value.code == "cannot_on_platform"


def test_a_partner_on_the_register_when_it_was_seen_is_protected_and_no_longer_after_it_ended(amina):
    values = {"name": "Wold Partners", "platform": "x", "handle": "thornbury_bc", "purpose": "Joint campaign"}
    entry = add_entry("authorised", values, officer=amina)
    with time_machine.travel(cast.MONDAY + timedelta(hours=2), tick=False):
        row = account(amina)
        assert row.registered
        with pytest.raises(Authorised):
            say(row, amina)
        say(row, amina, authorised=True)
        with pytest.raises(Authorised):
            decide(row, amina, "block")
        end_entry("authorised", entry.pk, officer=amina, reason="The campaign is over.")
    with time_machine.travel(cast.MONDAY + timedelta(hours=5), tick=False):
        assert not account(amina).registered
        assert state(row).hand_in.registered


@pytest.mark.parametrize(
    "path", ["Wold_Partners", "@wold_partners/", "wold%5Fpartners/status/12", "profile/wold_partners"]
)
def test_a_partner_is_protected_whose_handle_stands_in_the_address_alone(amina, path):
    values = {"name": "Wold Partners", "platform": "x", "handle": "@wold_partners", "purpose": "Joint campaign"}
    add_entry("authorised", values, officer=amina)
    with time_machine.travel(cast.MONDAY + timedelta(hours=2), tick=False):
        row = account(amina, handle="", address=f"https://x.example/{path}")
        assert row.registered
        with pytest.raises(Authorised):
            say(row, amina)
        # Whoever names the account is answered about that one, wherever it was seen.
        assert not account(amina, address=f"https://x.example/{path}").registered
        for other in ("", "a/b/wold_partners", "wold_partners2", "%00", "?a=wold_partners"):
            assert not account(amina, handle="", address=f"https://x.example/{other}").registered
        assert not account(amina, handle="", platform="", address=f"https://x.example/{path}").registered


# ---- deciding ----


def test_a_decision_keeps_clause_ground_and_statement_and_is_carried_out_by_hand_with_proof(amina, bryn):
    row = account(amina)
    say(row, amina)
    made = decide(row, bryn, "report", "block", reason="It collects bank details.")
    assert (made.measures, made.ground, made.confusing, made.authorised) == (
        "block,report",
        "brand_misuse",
        True,
        False,
    )
    assert made.clause_text == default_policy().clause(clause()).public  # type: ignore[union-attr]
    assert [each.measure for each in state(row).to_do] == ["block", "report"]
    with pytest.raises(DomainError) as refused:
        acts.carried_out(made.pk, officer=amina, measure="block", proof=" ")
    assert refused.value.code == "proof_missing"
    for never in ("unblock", "", "block\0"):
        with pytest.raises(DomainError) as refused:
            acts.carried_out(made.pk, officer=amina, measure=never, proof="done")
        assert refused.value.code == "not_to_be_done"
    acts.carried_out(made.pk, officer=amina, measure="block", proof="“Blocked” stands on the profile")
    acts.carried_out(made.pk, officer=amina, measure="report", proof="Case 1234")
    assert acts.carried_out(made.pk, officer=bryn, measure="report", proof="again").proof == "Case 1234"
    assert state(row).stage == "done"
    kinds = list(Record.objects.filter(kind__startswith="hand_in").values_list("kind", flat=True))
    assert kinds == [
        "hand_in.made",
        "hand_in.stated",
        "hand_in.decided",
        "hand_in.carried_out",
        "hand_in.carried_out",
    ]
    assert verify_live().ok


def test_taking_a_decision_back_is_another_act_and_a_block_has_to_be_lifted(amina):
    row = account(amina)
    say(row, amina)
    made = decide(row, amina, "block")
    with pytest.raises(HandInDecided):
        decide(row, amina, "report")
    with pytest.raises(HandInDecided):
        say(row, amina)
    acts.carried_out(made.pk, officer=amina, measure="block", proof="shown as blocked")
    acts.undo(row.pk, officer=amina, expected_number=state(row).next_number)
    assert [each.measure for each in state(row).to_do] == ["unblock"]
    acts.carried_out(made.pk, officer=amina, measure="unblock", proof="shown as not blocked")
    assert state(row).stage == "to_decide"
    decide(row, amina, "report")
    assert [act.what for act in state(row).acts] == ["stated", "decided", "undone", "decided"]
    assert HandInAct.objects.get(pk=made.pk).measures == "block"


def test_nobody_is_told_to_lift_a_block_that_was_decided_anew_nor_to_lift_one_twice(amina):
    row = account(amina)
    say(row, amina)

    def to_do() -> list[tuple[int, str]]:
        return [(each.act.pk, each.measure) for each in state(row).to_do]

    def blocked() -> HandInAct:
        made = decide(row, amina, "block")
        assert to_do() == [(made.pk, "block")]
        acts.carried_out(made.pk, officer=amina, measure="block", proof="shown as blocked")
        assert to_do() == []
        acts.undo(row.pk, officer=amina, expected_number=state(row).next_number)
        assert to_do() == [(made.pk, "unblock")]
        return made

    first, second = blocked(), blocked()
    with pytest.raises(DomainError) as refused:
        acts.carried_out(first.pk, officer=amina, measure="unblock", proof="shown as not blocked")
    assert refused.value.code == "not_to_be_done"
    reported = decide(row, amina, "report")
    assert to_do() == [(second.pk, "unblock"), (reported.pk, "report")]
    acts.carried_out(second.pk, officer=amina, measure="unblock", proof="shown as not blocked")
    assert to_do() == [(reported.pk, "report")]
    # Decided and taken back before anybody carried it out: nothing is to be lifted.
    acts.undo(row.pk, officer=amina, expected_number=state(row).next_number)
    decide(row, amina, "block")
    acts.undo(row.pk, officer=amina, expected_number=state(row).next_number)
    assert to_do() == []


def test_nobody_overtakes_unseen(amina, bryn):
    row = account(amina)
    say(row, amina)
    seen = state(row).next_number
    decide(row, amina, "ignore", clause_id="", expected_number=seen)
    with pytest.raises(SomebodyWasQuicker):
        decide(row, bryn, "block", expected_number=seen)


def test_rules_without_such_a_clause_offer_nothing(amina):
    text = (
        default_policy().text.replace("grounds: [brand_misuse]", "grounds: [copyright]").replace('"2026.1"', '"2026.2"')
    )
    with time_machine.travel(cast.MONDAY + timedelta(hours=1), tick=False):
        put_in_force(text, officer=None)
        row = account(amina)
        say(row, amina)
        assert offers(state(row)) == []


# ---- a second officer ----


@pytest.fixture
def two_people(db: None) -> Officer:
    put_in_force(shipped("chinebourne").text, officer=None)
    return cast.officer()


def test_where_the_rules_ask_for_two_people_one_asks_and_another_confirms(two_people, bryn):
    row = account(two_people)
    say(row, two_people)
    (offer,) = offers(state(row))
    chosen = {"clause_id": offer.clause.id}
    assert {each.measure: each.second_person for each in offer.measures}["block"]
    with pytest.raises(SecondPersonNeeded):
        decide(row, two_people, "block", **chosen)
    number = state(row).next_number
    acts.ask(row.pk, officer=two_people, measures=["block"], expected_number=number, **chosen)
    assert state(row).stage == "asked"
    with pytest.raises(NotAnother):
        acts.confirm(row.pk, officer=two_people, expected_number=number + 1)
    made = acts.confirm(row.pk, officer=bryn, expected_number=number + 1)
    assert (made.asked_by, made.officer, made.measures) == (two_people, bryn, "block")
    assert state(row).decision == made
    with pytest.raises(ProposalClosed):
        acts.withdraw(row.pk, officer=two_people, expected_number=number + 2)


def test_a_request_is_declined_by_another_and_withdrawn_by_who_asked(two_people, bryn):
    row = account(two_people)
    say(row, two_people)
    chosen = {"measures": ["block"], "clause_id": offers(state(row))[0].clause.id}
    for answer, wrong, right, refusal in [
        (acts.decline, two_people, bryn, NotAnother),
        (acts.withdraw, bryn, two_people, NotYours),
    ]:
        acts.ask(row.pk, officer=two_people, expected_number=state(row).next_number, **chosen)
        with pytest.raises(refusal):
            answer(row.pk, officer=wrong, expected_number=state(row).next_number)
        answer(row.pk, officer=right, expected_number=state(row).next_number)
        assert state(row).stage == "to_decide"


def test_where_the_rules_ask_for_a_step_first_it_is_taken_and_counts(db):
    put_in_force(shipped("brackenshire").text, officer=None)
    amina = cast.officer()
    row = account(amina)
    say(row, amina)
    (offer,) = offers(state(row))
    chosen = {"clause_id": offer.clause.id}
    with pytest.raises(DomainError) as refused:
        decide(row, amina, "block", **chosen)
    assert refused.value.code == "step_first"
    acts.take_step(
        row.pk,
        officer=amina,
        step="ask_to_take_down",
        text="Please take our crest down.",
        expected_number=state(row).next_number,
        **chosen,
    )
    assert {each.measure: each.step for each in offers(state(row))[0].measures}["block"] == "none"
    decide(row, amina, "block", **chosen)


# ---- what the database refuses ----


@pytest.mark.parametrize(
    "broken",
    [
        {"confusing": None},
        {"confusing": False},
        {"authorised": True},
        {"authorised": None},
        {"clause_id": ""},
        {"clause_text": ""},
        {"ground": ""},
        {"ground": "criticism"},
        {"measures": "hide"},
        {"measures": ""},
        {"what": "confirmed"},
        {"what": "done"},
    ],
)
def test_the_database_takes_no_measure_without_statement_clause_and_ground(amina, broken):
    row = account(amina)
    good = {
        "hand_in": row,
        "number": 1,
        "what": "decided",
        "measures": "block",
        "confusing": True,
        "authorised": False,
        "clause_id": "a",
        "clause_text": "b",
        "ground": "brand_misuse",
        "policy_version_id": PolicyVersion.objects.get().pk,
        "officer": amina,
        "at": timezone.now(),
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        HandInAct.objects.create(**(good | broken))
    HandInAct.objects.create(**good)


@pytest.mark.parametrize("broken", [{"address": "javascript:alert(1)"}, {"address": ""}, {"platform": "myspace"}])
def test_the_database_takes_no_hand_in_without_something_of_the_web_to_look_at(amina, broken):
    row = account(amina)
    fields = {field.attname: getattr(row, field.attname) for field in HandIn._meta.concrete_fields}
    with pytest.raises(IntegrityError), transaction.atomic():
        HandIn.objects.create(**(fields | {"id": None, "sha256": "0" * 64} | broken))


def test_nothing_that_was_handed_in_or_done_is_changed_or_removed(amina):
    row = account(amina, picture=Upload(png()))
    say(row, amina)
    made = decide(row, amina, "report")
    acts.carried_out(made.pk, officer=amina, measure="report", proof="Case 1")
    for model, column in [
        (HandInPicture, "given_sha256"),
        (HandIn, "description"),
        (HandInAct, "reason"),
        (HandInDone, "proof"),
    ]:
        table = model._meta.db_table
        for statement in (f"UPDATE {table} SET {column} = 'other'", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_an_act_that_fails_at_its_record_leaves_nothing_half_done(amina, monkeypatch):
    row = account(amina)

    def cut_off(*args: Any, **fields: Any) -> None:
        raise SystemExit("killed")

    for module in ("handing_in", "hand_in_acts"):
        monkeypatch.setattr(f"moothall.moderation.{module}.append", cut_off)
    with pytest.raises(SystemExit):
        say(row, amina)
    with pytest.raises(SystemExit):
        account(amina, name="Another", picture=Upload(png()))
    assert (HandIn.objects.count(), HandInPicture.objects.count(), HandInAct.objects.count()) == (1, 0, 0)


def test_the_newest_stands_first(amina):
    first, second = account(amina), account(amina, name="Thornbury Council Help")
    assert [each.hand_in for each in hand_ins()] == [second, first]
