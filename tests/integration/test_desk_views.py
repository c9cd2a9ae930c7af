"""The desk's screens, asked without a browser: who gets in, what is refused, and what is never believed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from moothall.council.actions import confirm_period
from moothall.council.models import Period
from moothall.desk.highlighting import segments
from moothall.desk.templatetags.desk import web_address
from moothall.desk.wording import ago, how_sure
from moothall.inbox.models import Author, Channel, Comment
from moothall.inbox.triage import triage
from moothall.moderation.models import Decision
from moothall.outbox.models import Delivery
from moothall.signals.findings import Signals
from moothall.words import Signal
from tests.browser import borough
from tests.browser.borough import Borough
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def thornbury(transactional_db: None) -> Borough:
    cache.clear()
    return borough.build()


@pytest.fixture
def amina(thornbury: Borough) -> Client:
    """Amina's browser: a manager, signed in."""
    client = Client()
    client.force_login(thornbury.amina)
    return client


@pytest.fixture
def bryn(thornbury: Borough) -> Client:
    """Bryn's browser: an officer, signed in."""
    client = Client()
    client.force_login(thornbury.bryn)
    return client


HIDE = {"measures": ["hide"], "citation": "be-polite/abuse", "round": "1"}


def decide(client: Client, comment: Comment, **fields: object):
    return client.post(f"/comments/{comment.pk}/decide/", HIDE | fields)


def page(response) -> str:
    return response.content.decode()


# ---- who gets in ----


@pytest.mark.parametrize(
    "path", ["/", "/status/", "/comments/1/", "/decided/", "/decisions/1/", "/decisions/1/state/", "/records/"]
)
def test_nobody_sees_a_screen_without_signing_in(client: Client, thornbury: Borough, path: str):
    response = client.get(path)
    assert (response.status_code, response.url.partition("?")[0]) == (302, "/sign-in/")


@pytest.mark.parametrize(
    "path", ["/comments/1/decide/", "/comments/1/skip/", "/decisions/1/undo/", "/deliveries/1/settle/", "/records/"]
)
def test_nobody_acts_without_signing_in(client: Client, thornbury: Borough, path: str):
    response = client.post(path, HIDE)
    assert (response.status_code, response.url.partition("?")[0]) == (302, "/sign-in/")
    assert not Decision.objects.exists()


def test_part_of_a_page_that_asks_after_the_session_ended_sends_the_whole_page_to_sign_in(client: Client, thornbury):
    response = client.get("/status/", headers={"HX-Request": "true"})
    assert (response.headers["HX-Redirect"], page(response)) == ("/sign-in/", "")


def test_a_leaver_is_out_at_the_next_click(bryn: Client, thornbury: Borough):
    assert bryn.get("/").status_code == 200
    thornbury.bryn.is_active = False
    thornbury.bryn.save()
    assert bryn.get("/").status_code == 302
    assert decide(bryn, thornbury.comments["insult"]).status_code == 302
    assert not Decision.objects.exists()


def test_the_records_are_for_managers(amina: Client, bryn: Client):
    assert amina.get("/records/").status_code == 200
    response = bryn.get("/records/")
    assert response.status_code == 403
    assert "managers of the Communications Team" in page(response)
    assert "/records/" not in page(bryn.get("/"))


def test_a_manager_sees_whether_the_chain_holds(amina: Client, thornbury: Borough):
    decide(amina, thornbury.comments["insult"])
    assert "The chain holds." in page(amina.post("/records/"))


@pytest.mark.parametrize("path", ["decide/", "skip/"])
def test_a_form_from_another_site_is_refused(thornbury: Borough, path: str):
    client = Client(enforce_csrf_checks=True)
    client.force_login(thornbury.amina)
    response = client.post(f"/comments/{thornbury.comments['insult'].pk}/{path}", HIDE)
    assert response.status_code == 403
    assert "nothing was changed" in page(response)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("path", ["/comments/{}/decide/", "/comments/{}/skip/", "/decisions/{}/undo/"])
def test_looking_at_an_address_never_acts(amina: Client, thornbury: Borough, path: str):
    assert amina.get(path.format(thornbury.comments["insult"].pk)).status_code == 405


@pytest.mark.parametrize("path", ["/comments/99999/", "/decisions/99999/", "/decisions/99999/state/"])
def test_what_is_not_there_is_not_found(amina: Client, path: str):
    response = amina.get(path)
    assert response.status_code == 404
    assert "Page not found" in page(response)


def test_a_fault_of_our_own_is_owned_up_to(thornbury: Borough, monkeypatch):
    from moothall.inbox import queries as inbox

    def broken() -> dict[int, int]:
        raise RuntimeError

    monkeypatch.setattr(inbox, "urgency_counts", broken)
    client = Client(raise_request_exception=False)
    client.force_login(thornbury.amina)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in page(response)


def test_pages_are_not_kept_by_the_browser(amina: Client):
    assert "no-store" in amina.get("/").headers["Cache-Control"]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", r"/\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(client: Client, thornbury: Borough, elsewhere: str):
    form = {"login": thornbury.amina.email, "password": cast.PASSWORD, "next": elsewhere}
    response = client.post("/sign-in/", form)
    assert (response.status_code, response.url) == (302, "/")


def test_a_wrong_password_says_so_without_saying_which_part_was_wrong(client: Client, thornbury: Borough):
    known = page(client.post("/sign-in/", {"login": thornbury.amina.email, "password": "wrong"}))
    unknown = page(client.post("/sign-in/", {"login": "nobody@thornbury.example", "password": "wrong"}))
    said = re.compile(r'<div class="govuk-error-summary__body">(.*?)</div>', re.S)
    assert said.search(known).group(1) == said.search(unknown).group(1)


def test_the_policy_of_the_pages_lets_nothing_in(amina: Client, thornbury: Borough):
    for path in ("/", f"/comments/{thornbury.comments['insult'].pk}/", "/house-rules/", "/sign-in/"):
        response = amina.get(path, follow=True)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert not re.search(r"<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=", page(response))


# ---- deciding ----


def test_a_decision_goes_on_to_the_next_comment_of_the_queue(amina: Client, thornbury: Borough):
    response = decide(amina, thornbury.comments["insult"])
    made = Decision.objects.get()
    assert made.decided_by == thornbury.amina
    assert response.url == f"/comments/{thornbury.comments['risk'].pk}/?decided={made.pk}"
    assert "Leaves in" in page(amina.get(response.url))


def test_staying_shows_the_decision(amina: Client, thornbury: Borough):
    response = decide(amina, thornbury.comments["insult"], then="stay")
    assert response.url == f"/decisions/{Decision.objects.get().pk}/"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"measures": []}, "Choose at least one measure."),
        ({"citation": ""}, "Choose the clause that this comment breaks, and its ground."),
        ({"citation": "be-polite"}, "is not a ground"),
        ({"citation": "no-such-rule/abuse"}, "no clause"),
        ({"citation": "be-polite/criticism"}, "Criticism of the council is never a ground."),
        ({"citation": "party-politics/party_political"}, "confirmed pre-election period"),
        ({"citation": "our-judgement/judged_inappropriate", "reason": ""}, "Write down the reason"),
        ({"citation": "our-identity/brand_misuse"}, "An officer has to state first"),
        ({"measures": ["hide", "ignore"]}, "not both"),
        ({"measures": ["shout"]}, "is not a measure"),
    ],
)
def test_what_the_rules_refuse_is_said_and_the_input_is_kept(amina: Client, thornbury: Borough, fields, says: str):
    response = decide(amina, thornbury.comments["insult"], **({"reason": "As I see it"} | fields))
    text = page(response)
    assert response.status_code == 422
    assert says in text
    assert "<title>Error: " in text
    if "reason" not in fields:
        assert "As I see it</textarea>" in text
    if fields.get("citation") in ("party-politics/party_political",):
        assert "party-politics" not in re.findall(r'value="([^"]+)/', text)
    if "measures" not in fields:
        assert re.search(r'value="hide"[^>]* checked', text)
    assert (Decision.objects.count(), Delivery.objects.count()) == (0, 0)


def test_what_only_an_officer_can_say_opens_the_clause_that_needs_it(amina: Client, thornbury: Borough):
    choice = {"citation": "our-identity/brand_misuse", "stated": ["confusing"], "then": "stay"}
    assert decide(amina, thornbury.comments["question"], **choice).status_code == 302
    assert Decision.objects.get().evidence.content["stated"] == {"confusing": True}


def test_somebody_elses_decision_is_shown_instead_of_a_second_one(amina: Client, bryn: Client, thornbury: Borough):
    comment = thornbury.comments["insult"]
    decide(bryn, comment)
    response = decide(amina, comment)
    assert response.status_code == 422
    assert "Somebody else has decided" in page(response)
    assert "by Bryn" in page(response)
    assert "Do this and go on" not in page(response)


@pytest.mark.parametrize("number", ["", "-1", "1e3", "٣", "9" * 40, "<script>"])
def test_a_forged_round_is_refused(amina: Client, thornbury: Borough, number: str):
    assert decide(amina, thornbury.comments["insult"], round=number).status_code == 422
    assert not Decision.objects.exists()


def test_leaving_it_up_is_one_press_and_needs_no_clause(amina: Client, thornbury: Borough):
    comment = thornbury.comments["criticism"]
    amina.post(f"/comments/{comment.pk}/decide/", {"measures": "ignore", "round": "1"})
    assert Decision.objects.get().measures == "ignore"


def test_criticism_is_said_to_be_protected_and_nothing_is_offered_open(amina: Client, thornbury: Borough):
    text = page(amina.get(f"/comments/{thornbury.comments['criticism'].pk}/"))
    assert "There is criticism of the council in it: protected." in text
    assert re.search(r'<details class="fold"><summary>Act under a clause that you cite', text)


def test_an_unsure_reading_says_so_and_recommends_nothing(amina: Client, thornbury: Borough):
    text = page(amina.get(f"/comments/{thornbury.comments['unsure'].pk}/"))
    assert "The reading is unsure." in text
    assert "pill--act" not in text


def test_party_politics_can_be_cited_only_in_a_confirmed_period(amina: Client, thornbury: Borough):
    comment = thornbury.comments["question"]
    assert 'value="party-politics/' not in page(amina.get(f"/comments/{comment.pk}/"))
    now = timezone.now()
    period = Period.objects.create(
        election="County council", starts_at=now - timedelta(days=2), ends_at=now + timedelta(days=9)
    )
    assert 'value="party-politics/' not in page(amina.get(f"/comments/{comment.pk}/"))
    confirm_period(period.pk, officer=thornbury.amina)
    text = page(amina.get(f"/comments/{comment.pk}/"))
    assert 'value="party-politics/party_political"' in text
    assert "Pre-election period." in text


def test_what_the_platform_can_never_do_is_not_offered(amina: Client, thornbury: Borough, monkeypatch):
    from moothall.inbox import queries as inbox
    from moothall.platforms import Capability

    can = inbox.what_channel_can(thornbury.channel) | {"report": Capability("never", "It has no reports.", "")}
    monkeypatch.setattr(inbox, "what_channel_can", lambda channel: can)
    text = page(amina.get(f"/comments/{thornbury.comments['insult'].pk}/"))
    assert "It has no reports." in text
    assert 'id="measure-report"' not in text
    assert 'id="measure-hide"' in text


def test_nobody_is_offered_for_a_block_where_the_platform_names_nobody(amina: Client, thornbury: Borough):
    comment = thornbury.comments["insult"]
    Comment.objects.filter(pk=comment.pk).update(author=None)
    text = page(amina.get(f"/comments/{comment.pk}/"))
    assert "does not say who wrote this comment" in text
    assert 'id="measure-block"' not in text


def test_a_measure_that_the_clause_found_does_not_allow_says_why(amina: Client, thornbury: Borough):
    text = page(amina.get(f"/comments/{thornbury.comments['advert0'].pk}/"))
    assert re.search(r"Not under what was found:</strong> It is not among the measures of “No spamming”", text)


# ---- undo, and what became of it ----


def test_undo_in_time_cancels_and_opens_the_comment_again(amina: Client, thornbury: Borough):
    comment = thornbury.comments["insult"]
    decide(amina, comment)
    response = amina.post(f"/decisions/{Decision.objects.get().pk}/undo/", follow=True)
    assert response.redirect_chain == [(f"/comments/{comment.pk}/", 302)]
    assert "Taken back before anything left." in page(response)
    assert Delivery.objects.get().state == "cancelled"


def test_undo_after_the_hide_was_done_shows_it_on_its_way_back(amina: Client, thornbury: Borough):
    decide(amina, thornbury.comments["insult"])
    Delivery.objects.update(state="done")
    response = amina.post(f"/decisions/{Decision.objects.get().pk}/undo/", follow=True)
    assert "Show the comment again" in page(response)


def test_an_undo_that_comes_too_late_says_why(amina: Client, thornbury: Borough):
    decide(amina, thornbury.comments["insult"], measures=["delete"])
    made = Decision.objects.get()
    Delivery.objects.update(state="done")
    assert "undo/" not in page(amina.get(f"/decisions/{made.pk}/"))
    assert "cannot be brought back" in page(amina.post(f"/decisions/{made.pk}/undo/", follow=True))
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(("answer", "state"), [("yes", "done"), ("no", "due")])
def test_a_person_settles_what_nobody_knows(amina: Client, thornbury: Borough, answer: str, state: str):
    decide(amina, thornbury.comments["insult"])
    Delivery.objects.update(state="uncertain")
    row = Delivery.objects.get()
    assert "nobody knows whether it arrived" in page(amina.get(f"/decisions/{Decision.objects.get().pk}/"))
    response = amina.post(f"/deliveries/{row.pk}/settle/", {"arrived": answer})
    row.refresh_from_db()
    assert (row.state, response.url) == (state, f"/decisions/{Decision.objects.get().pk}/")


def test_a_delivery_that_is_settled_cannot_be_settled_again(amina: Client, thornbury: Borough):
    decide(amina, thornbury.comments["insult"])
    row = Delivery.objects.get()
    response = amina.post(f"/deliveries/{row.pk}/settle/", {"arrived": "yes"}, follow=True)
    assert "has been settled already" in page(response)
    assert amina.post(f"/deliveries/{row.pk}/settle/", {"arrived": "perhaps"}).status_code == 404


def test_the_countdown_asks_again_until_things_have_settled(amina: Client, thornbury: Borough):
    decide(amina, thornbury.comments["insult"])
    address = f"/decisions/{Decision.objects.get().pk}/state/"
    assert "HX-Retarget" not in amina.get(address).headers
    Delivery.objects.update(state="done")
    settled = amina.get(address)
    assert settled.headers["HX-Retarget"].startswith("#decision-")
    assert "hx-trigger" not in page(settled)


def test_a_worker_that_is_not_there_does_not_keep_a_page_asking_for_ever(amina: Client, thornbury: Borough, settings):
    settings.UNDO_SECONDS = -600
    decide(amina, thornbury.comments["insult"])
    text = page(amina.get(f"/decisions/{Decision.objects.get().pk}/"))
    assert "hx-trigger" not in text
    assert "Check again" in text


# ---- the queue ----


def test_skipping_goes_through_the_whole_queue_and_then_back_to_it(amina: Client):
    seen, address = [], amina.get("/").context["first"].pk
    for _ in range(7):
        seen.append(address)
        response = amina.post(f"/comments/{address}/skip/")
        address = int(response.url.split("/")[2]) if response.url != "/" else 0
    assert len(set(seen)) == 7
    assert response.url == "/"


def test_an_account_that_is_not_read_is_plain_to_see(amina: Client, thornbury: Borough):
    assert "later than it should be" not in page(amina.get("/status/"))
    Channel.objects.update(last_read_at=timezone.now() - timedelta(hours=1))
    assert "later than it should be" in page(amina.get("/status/"))


@pytest.mark.parametrize("query", ["urgency=9", "urgency=x", "after=nonsense", "after=1~~", "after=%00", "urgency=²"])
def test_a_mistyped_address_of_the_queue_still_shows_the_queue(amina: Client, query: str):
    response = amina.get(f"/?{query}")
    assert response.status_code == 200
    assert "Somebody may be at risk" in page(response)


def test_a_long_queue_is_paged_and_no_comment_is_lost_or_shown_twice(amina: Client, thornbury: Borough):
    for number in range(60):
        borough.write(thornbury.channel, f"Thank you, number {number}", Signals("none"))
    seen: list[str] = []
    response = amina.get("/")
    for _ in range(5):
        seen += re.findall(r'href="(/comments/\d+/)" dir', page(response))
        further = re.search(r'rel="next" href="([^"]+)"', page(response))
        if further is None:
            break
        response = amina.get(further.group(1).replace("&amp;", "&"))
    assert len(seen) == len(set(seen)) == 67


# ---- text from outside ----

HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)> & "quotes" \'n all {{ 7|add:7 }} \u202e evil'


def test_what_a_stranger_wrote_is_shown_as_written_and_never_run(amina: Client, thornbury: Borough):
    comment = borough.insult(thornbury.channel, HOSTILE, "<script>alert(1)</script>", author="<b>Mallory</b>")
    for path in (f"/comments/{comment.pk}/", "/"):
        text = page(amina.get(path))
        assert "<script>alert" not in text
        assert "<b>Mallory" not in text
        assert "onerror=alert(1)&gt;" in text
    decide(amina, comment, reason="</textarea><script>x</script>")
    for path in ("/decided/", f"/decisions/{Decision.objects.get().pk}/", "/"):
        assert "<script>" not in re.sub(r"<script src=[^>]*></script>", "", page(amina.get(path))).replace(
            "<script defer", ""
        )


def test_an_address_from_outside_is_linked_only_when_it_is_one_of_the_web(amina: Client, thornbury: Borough):
    comment = thornbury.comments["insult"]
    Comment.objects.filter(pk=comment.pk).update(url="javascript:alert(document.cookie)")
    assert "javascript:" not in page(amina.get(f"/comments/{comment.pk}/"))


def test_the_house_rules_are_public_and_set_no_cookie(client: Client, thornbury: Borough):
    response = client.get("/house-rules/")
    assert response.status_code == 200
    assert "Criticism of the council" in page(response)
    assert not response.cookies


def test_words_that_may_distress_are_never_shown_outside_their_fold(amina: Client, thornbury: Borough):
    comment = thornbury.comments["cruel"]
    text = page(amina.get(f"/comments/{comment.pk}/"))
    outside = re.sub(r'<details class="fold">.*?</details>', "", text, flags=re.S)
    assert ("Good riddance" in text, "Good riddance" in outside) == (True, False)
    response = amina.post(f"/comments/{comment.pk}/decide/", {"measures": "ignore", "round": "1"})
    for path in ("/", "/decided/", response.url):
        assert "Good riddance" not in page(amina.get(path))


# ---- words and marks ----


def test_marks_that_overlap_lose_no_letter():
    text = "You utter numpty 😀 of a person"
    grounds = [
        {"name": "abuse", "evidence": [{"start": 4, "end": 16, "text": "utter numpty"}]},
        {"name": "profanity", "evidence": [{"start": 10, "end": 18, "text": "numpty 😀"}]},
    ]
    made = segments(text, grounds)
    assert "".join(part.text for part in made) == text
    assert [(part.text, part.grounds) for part in made if part.grounds] == [
        ("utter ", ("abuse",)),
        ("numpty", ("abuse", "profanity")),
        (" 😀", ("profanity",)),
    ]


@pytest.mark.parametrize(("start", "end"), [(0, 99), (-3, 2), (5, 5), (8, 2), (1, 4)])
def test_evidence_that_is_not_at_its_place_marks_nothing(start: int, end: int):
    (only,) = segments(
        "An edited comment", [{"name": "abuse", "evidence": [{"start": start, "end": end, "text": "you"}]}]
    )
    assert (only.text, only.grounds) == ("An edited comment", ())


def test_an_empty_comment_has_nothing_to_mark():
    assert segments("", []) == []


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://platform.example/c/1", True),
        ("http://127.0.0.1:8000/c/1", True),
        ("javascript:alert(1)", False),
        ("  javascript:alert(1)", False),
        ("data:text/html,hi", False),
        ("//evil.example", False),
        ("https:///nohost", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_only_web_addresses_are_linked(address: str, linked: bool):
    assert bool(web_address(address)) is linked


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.999, "Almost certain, 99%"), (1.0, "Almost certain, 100%"), (0.86, "Very likely, 86%"), (0.5, "Possible, 50%")],
)
def test_a_probability_is_said_in_words_and_in_number(probability: float, words: str):
    assert how_sure(probability) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "just now"), (20, "20 seconds ago"), (60, "1 minute ago"), (90_000, "1 day ago")]
)
def test_how_long_ago_is_said_in_the_largest_unit(seconds: int, words: str):
    assert ago(cast.MONDAY - timedelta(seconds=seconds), cast.MONDAY) == words


def test_the_authors_standing_is_of_this_platform_in_words(amina: Client, thornbury: Borough):
    comment = thornbury.comments["insult"]
    Author.objects.filter(pk=comment.author_id).update(standing={"measures": {"hide": 2, "report": 1}, "blocked": True})
    text = page(amina.get(f"/comments/{comment.pk}/"))
    assert "On Facebook so far: 2 comments hidden, 1 comment reported and blocked." in text


def test_a_ground_without_evidence_is_still_named(amina: Client, thornbury: Borough):
    comment = borough.write(
        thornbury.channel, "You know what you are", Signals("none", grounds={"abuse": Signal(0.8)}, target="resident")
    )
    text = page(amina.get(f"/comments/{comment.pk}/"))
    assert "Abuse of a person or group" in text
    assert "<mark" not in text


@pytest.mark.parametrize("number", [999_999, 2**63])
def test_skipping_a_comment_that_is_not_there_is_not_found(amina: Client, number: int):
    assert amina.post(f"/comments/{number}/skip/").status_code == 404
    assert amina.get(f"/comments/{number}/").status_code == 404


def test_a_program_may_ask_for_the_head_of_a_page(amina: Client):
    assert amina.head("/").status_code == 200


def test_a_comment_that_could_not_be_read_says_so_and_suggests_nothing(amina: Client, thornbury: Borough):
    thornbury_channel = Channel.objects.get()
    Comment.objects.all().update(desk_state="gone")
    cast.comment(thornbury_channel, "A comment nobody could read", id="unread", urgency=1)
    shown = page(amina.get("/"))
    assert "Could not be read: look yourself" in shown
    assert "Leave it up" not in shown


def test_what_else_the_comment_may_be_is_shown_with_its_words(amina: Client, thornbury: Borough):
    comment = thornbury.comments["unsure"]
    text = page(amina.get(f"/comments/{comment.pk}/"))
    assert "request for information" not in text
    comment.text = "Under the Freedom of Information Act send me the contract for the lamps at 14 Mill Lane"
    comment.state = "due"
    comment.save(update_fields=["text", "state"])
    triage(comment.pk, timezone.now())
    text = page(amina.get(f"/comments/{comment.pk}/"))
    assert "May be a request for information" in text
    assert "Names a place" in text
    assert "14 Mill Lane”" in text
