"""The desk before a measure: what comes first, a second officer, what an officer states; asked without a browser."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from moothall.inbox.models import Author, Comment
from moothall.moderation.models import Decision, Proposal, StepTaken
from moothall.outbox.models import Delivery
from moothall.policy import loads
from moothall.signals.findings import Signals
from moothall.words import Signal
from tests.browser import quernmoor
from tests.browser.quernmoor import Quernmoor
from tests.integration import councils

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def moor(transactional_db: None) -> Quernmoor:
    cache.clear()
    return quernmoor.build()


@pytest.fixture
def amina(moor: Quernmoor) -> Client:
    client = Client()
    client.force_login(moor.amina)
    return client


@pytest.fixture
def bryn(moor: Quernmoor) -> Client:
    client = Client()
    client.force_login(moor.bryn)
    return client


def page(response) -> str:
    return response.content.decode()


def shown(client: Client, comment: Comment) -> str:
    response = client.get(f"/comments/{comment.pk}/")
    assert response.status_code == 200
    return page(response)


def decide(client: Client, comment: Comment, **fields: object):
    return client.post(f"/comments/{comment.pk}/decide/", {"round": "1"} | fields)


BLOCK = {"measures": ["block"], "citation": "spam/spam", "reason": "The third time"}
ASK_FIRST = {"step": "ask_to_take_down", "citation": "auctions/live_auction", "text": "Please take it down."}


# ---- who gets in ----


@pytest.mark.parametrize(
    "path",
    [
        "/comments/1/step/",
        "/comments/1/facts/",
        "/proposals/1/confirm/",
        "/proposals/1/decline/",
        "/proposals/1/withdraw/",
    ],
)
def test_nobody_acts_without_signing_in_and_looking_never_acts(client: Client, amina: Client, path: str):
    assert client.post(path).url.startswith("/sign-in/")
    assert amina.get(path).status_code == 405
    assert (StepTaken.objects.count(), Proposal.objects.count()) == (0, 0)


@pytest.mark.parametrize("number", [999_999, 2**63])
def test_what_is_not_there_is_not_found(amina: Client, number: int):
    for path in ("comments/{}/step/", "comments/{}/facts/", "proposals/{}/confirm/", "proposals/{}/decline/"):
        assert amina.post("/" + path.format(number), ASK_FIRST).status_code == 404
    assert amina.get(f"/comments/{number}/reading/").status_code == 404


@pytest.mark.parametrize("path", ["step/", "facts/"])
def test_a_form_from_another_site_is_refused(moor: Quernmoor, path: str):
    client = Client(enforce_csrf_checks=True)
    client.force_login(moor.amina)
    assert client.post(f"/comments/{moor.comments['auction'].pk}/{path}", ASK_FIRST).status_code == 403


# ---- what comes first ----


def test_the_page_says_what_comes_first_with_the_words_to_send(amina: Client, moor: Quernmoor):
    text = shown(amina, moor.comments["insult"])
    assert "Warn the author first." in text
    letter = re.search(r'<textarea[^>]* id="letter"[^>]*>(.*?)</textarea>', text, re.S)
    assert letter is not None
    assert letter.group(1).startswith("On Facebook (Quernmoor District Council) we found abuse of a person or group.")
    assert "{" not in letter.group(1)
    assert "It leaves room for your reason" in text


def test_where_the_rules_hold_no_letter_the_officer_writes_one(amina: Client, moor: Quernmoor):
    assert "hold no letter for this: write your own" in shown(amina, moor.comments["auction"])


def test_having_sent_it_records_the_words_and_has_the_comment_read_again(amina: Client, moor: Quernmoor):
    comment = moor.comments["auction"]
    response = amina.post(f"/comments/{comment.pk}/step/", ASK_FIRST, follow=True)
    assert response.redirect_chain == [(f"/comments/{comment.pk}/", 302)]
    text = page(response)
    assert "Author asked to take it down: recorded." in text
    assert "This comment is being read again." in text
    assert "I have sent this" not in text
    assert StepTaken.objects.get().text == "Please take it down."
    assert "What the author was told about this comment" in text


def test_nothing_written_is_lost_when_a_step_is_refused(amina: Client, moor: Quernmoor):
    comment = moor.comments["auction"]
    words = "You may answer until {respond_by}. <b>Yours</b>"
    response = amina.post(f"/comments/{comment.pk}/step/", ASK_FIRST | {"text": words})
    text = page(response)
    assert response.status_code == 422
    assert "“{respond_by}” is still to be filled in." in text
    assert "You may answer until {respond_by}. &lt;b&gt;Yours&lt;/b&gt;</textarea>" in text
    assert StepTaken.objects.count() == 0


def test_a_measure_before_its_step_is_refused_and_the_step_is_shown_in_its_place(amina: Client, moor: Quernmoor):
    comment = moor.comments["insult"]
    response = decide(amina, comment, measures=["block"], citation="manners/abuse")
    text = page(response)
    assert response.status_code == 422
    assert "comes only after the author is told of the intention to block" in text
    assert '<a href="#first">' in text
    assert "Give the author notice of the intention to block first." in text
    assert re.search(r"You may answer until \d+ \w+ \d{4}\.</textarea>", text)
    taken = {"step": "notice_of_intent", "citation": "manners/abuse", "text": "We intend to block you."}
    assert amina.post(f"/comments/{comment.pk}/step/", taken).status_code == 302
    waiting = page(decide(amina, comment, measures=["block"], citation="manners/abuse"))
    assert "The author may still answer the notice until" in waiting
    assert "I have sent this" not in waiting


def test_a_notice_that_runs_does_not_take_the_letter_from_another_step(amina: Client, moor: Quernmoor):
    comment = moor.comments["insult"]
    taken = {"step": "notice_of_intent", "citation": "manners/abuse", "text": "We intend to block you."}
    amina.post(f"/comments/{comment.pk}/step/", taken)
    text = shown(amina, comment)
    assert "Warn the author first." in text
    assert "we found abuse of a person or group." in text
    assert "Before that the time to answer the notice has to pass." in text


def test_the_queue_says_what_comes_first(amina: Client, moor: Quernmoor):
    assert "Ask to take it down first" in page(amina.get("/"))


def test_what_an_officer_stated_is_not_called_a_probability(amina: Client, moor: Quernmoor):
    text = shown(amina, moor.comments["auction"])
    assert "Stated by an officer" in text
    assert "100%" not in text


def test_no_step_is_offered_where_nobody_can_be_told(amina: Client, moor: Quernmoor):
    comment = moor.comments["auction"]
    Comment.objects.filter(pk=comment.pk).update(author=None)
    text = shown(amina, comment)
    assert "so that nobody can be told" in text
    assert "I have sent this" not in text


# ---- a second officer ----


def test_the_form_asks_a_second_officer_where_the_rules_want_one(amina: Client, moor: Quernmoor):
    comment = moor.comments["again"]
    text = shown(amina, comment)
    assert "A second officer has to confirm this." in text
    assert re.search(r'value="block" id="measure-block"', text)
    response = decide(amina, comment, **BLOCK, then="stay")
    assert response.url == f"/comments/{comment.pk}/"
    waiting = shown(amina, comment)
    assert "Amina asked to block the author" in waiting
    assert "Withdraw it" in waiting
    assert "Decline it" not in waiting
    assert not Delivery.objects.filter(action="block").exists()
    assert not comment.decisions.exists()


def test_asking_goes_on_to_the_next_comment(amina: Client, moor: Quernmoor):
    response = decide(amina, moor.comments["again"], **BLOCK)
    assert re.fullmatch(r"/comments/\d+/", response.url)
    assert response.url != f"/comments/{moor.comments['again'].pk}/"
    assert "A second officer has been asked" in page(amina.get(response.url))


def test_the_queue_shows_what_waits_for_a_second_officer(amina: Client, bryn: Client, moor: Quernmoor):
    assert "Waiting for a second officer" not in page(bryn.get("/"))
    decide(amina, moor.comments["again"], **BLOCK)
    text = page(bryn.get("/"))
    assert "Waiting for a second officer" in text
    assert "Block the author: Wold Drive on Facebook" in text
    assert "Amina asked" in text
    assert "you asked" in page(amina.get("/"))


def test_a_colleague_confirms_and_both_names_stand_on_the_decision(amina: Client, bryn: Client, moor: Quernmoor):
    comment = moor.comments["again"]
    decide(amina, comment, **BLOCK)
    text = shown(bryn, comment)
    assert "Confirm: block the author" in text
    assert "Withdraw it" not in text
    response = bryn.post(f"/proposals/{Proposal.objects.get().pk}/confirm/")
    made = Decision.objects.get(measures="block")
    assert response.url == f"/decisions/{made.pk}/"
    shown_decision = page(bryn.get(response.url))
    assert re.search(r"Asked for by, and confirmed by.*?Amina and Bryn", shown_decision, re.S)
    assert "Undo" in shown_decision
    letter = re.search(r'id="letter-block"[^>]*>(.*?)</textarea>', shown_decision, re.S)
    assert letter is not None
    assert letter.group(1).startswith("Blocked under Spam on ")
    assert "{" not in letter.group(1)


def test_who_asked_cannot_confirm_by_a_forged_form(amina: Client, moor: Quernmoor):
    decide(amina, moor.comments["again"], **BLOCK)
    text = page(amina.post(f"/proposals/{Proposal.objects.get().pk}/confirm/", follow=True))
    assert "that takes another officer" in text
    assert not Decision.objects.filter(measures="block").exists()


def test_a_colleague_declines_and_says_why(amina: Client, bryn: Client, moor: Quernmoor):
    comment = moor.comments["again"]
    decide(amina, comment, **BLOCK)
    bryn.post(f"/proposals/{Proposal.objects.get().pk}/decline/", {"note": "Give them <one> more chance"})
    text = shown(amina, comment)
    assert "declined by Bryn" in text
    assert "Give them &lt;one&gt; more chance" in text
    assert "A second officer has to confirm</h2>" not in text


def test_what_cannot_be_confirmed_any_more_has_no_button_for_it(amina: Client, bryn: Client, moor: Quernmoor):
    comment = moor.comments["again"]
    decide(amina, comment, **BLOCK)
    Comment.objects.filter(pk=comment.pk).update(text="Sorry")
    text = shown(bryn, comment)
    assert "It cannot be confirmed as it stands." in text
    assert "/confirm/" not in text
    assert "Decline it" in text


def test_the_officer_who_asked_withdraws(amina: Client, moor: Quernmoor):
    decide(amina, moor.comments["again"], **BLOCK)
    proposal = Proposal.objects.get()
    assert "Withdrawn." in page(amina.post(f"/proposals/{proposal.pk}/withdraw/", follow=True))
    proposal.refresh_from_db()
    assert proposal.outcome == "withdrawn"


def test_where_everything_needs_two_the_button_says_so_before(amina: Client, moor: Quernmoor):
    text = councils.rules_of("quernmoor").replace('"2027-a"', '"2027-b"')
    councils.in_force("all", text.replace("second_person: [block]", "second_person: true"))
    shown_page = shown(amina, moor.comments["again"])
    assert re.search(r"<button[^>]*>Ask a second officer</button>", shown_page)
    assert "Do this and go on" not in shown_page


# ---- what an officer states ----


def test_the_rules_questions_are_asked_and_the_answers_kept(amina: Client, moor: Quernmoor):
    comment = moor.comments["insult"]
    text = shown(amina, comment)
    assert "Does it bid in, or advertise, a live auction?" in text
    assert "fact-judged_inappropriate" not in text
    answers = {"fact-live_auction": "yes", "fact-charity": "no", "fact-provoking": "", "fact-authorised": "maybe"}
    response = amina.post(f"/comments/{comment.pk}/facts/", answers, follow=True)
    comment.refresh_from_db()
    assert comment.stated == {"live_auction": True, "charity": False}
    again = page(response)
    assert "This comment is being read again." in again
    chosen = re.search(r'name="fact-live_auction">.*?</select>', again, re.S)
    assert chosen is not None
    assert 'value="yes" selected' in chosen.group()


def test_a_forged_fact_is_refused(amina: Client, moor: Quernmoor):
    comment = moor.comments["insult"]
    text = page(amina.post(f"/comments/{comment.pk}/facts/", {"fact-abuse": "yes"}, follow=True))
    assert "do not ask about “abuse”" in text
    comment.refresh_from_db()
    assert comment.stated == {}


def test_the_page_says_by_itself_that_the_comment_was_read_again(amina: Client, moor: Quernmoor):
    comment = moor.comments["insult"]
    Comment.objects.filter(pk=comment.pk).update(state="due")
    address = f"/comments/{comment.pk}/reading/"
    assert 'hx-trigger="every 2s"' in page(amina.get(address))
    quernmoor.read(comment, Signals("none"))
    settled = page(amina.get(address))
    assert "It has been read again." in settled
    assert "hx-trigger" not in settled


def test_a_ground_that_is_a_councils_own_fact_has_words(amina: Client, moor: Quernmoor):
    text = shown(amina, moor.comments["auction"])
    assert "Live auction" in text
    assert "live_auction</" not in text


# ---- what it would mean ----


def test_the_page_says_how_long_a_ban_would_last_and_how_the_author_is_told(amina: Client, moor: Quernmoor):
    text = shown(amina, moor.comments["again"])
    assert re.search(
        r"It would end on \d+ \w+ \d{4}\. The author could ask for a review at any time, by an officer", text
    )
    assert "The author is told by direct message." in text
    assert "under the comment" in shown(amina, moor.comments["insult"])


def test_a_reply_is_promised_for_a_day(amina: Client, moor: Quernmoor):
    comment = quernmoor.said(moor.channel, "When is the tip open?", "Ida Moss", "1000_1_9")
    quernmoor.read(comment, Signals("answer"))
    assert re.search(r"The house rules promise a reply by \d+ \w+ \d{4}\.", shown(amina, comment))


def test_somebody_who_asks_for_a_review_is_told_when(amina: Client, moor: Quernmoor):
    comment = quernmoor.said(moor.channel, "Let me back in", "Ida Moss", "1000_1_9", stated={"review_request": True})
    quernmoor.standing(Author.objects.get(name="Ida Moss"), [("block", "abuse", 10)])
    quernmoor.read(comment, Signals("none"))
    text = shown(amina, comment)
    assert "The ban is reviewed by itself on" in text
    assert re.search(r"We look at it again on \d+ \w+ \d{4}; the block ends on \d+ \w+ \d{4}\.", text)


@pytest.mark.parametrize(
    "name", ["quernmoor", "tamarook", "brackenshire", "port-wexley", "chinebourne", "fenmarch", "gullhaven"]
)
def test_every_councils_rules_can_be_worked_with(moor: Quernmoor, amina: Client, name: str):
    policy = loads(councils.rules_of(name))
    if name != "quernmoor":
        councils.in_force(name)
    grounds = {
        ground: Signal(0.95) for clause in policy.clauses for ground in clause.grounds if ground not in policy.facts
    }
    comment = quernmoor.said(
        moor.channel, "All at once", "Ida Moss", "1000_1_9", stated=dict.fromkeys(policy.facts, True)
    )
    quernmoor.standing(Author.objects.get(name="Ida Moss"), [("hide", "abuse", 20), ("delete", "spam", 10)])
    quernmoor.read(comment, Signals("none", grounds=grounds, target="resident"), repeat_times=4, repeats=3)
    text = shown(amina, comment)
    letters = re.findall(r"<textarea[^>]*>(.*?)</textarea>", text, re.S) + re.findall(
        r'class="written">(.*?)</p>', text, re.S
    )
    assert not [letter for letter in letters if re.search(r"\{[a-z_.]+\}", letter)]
