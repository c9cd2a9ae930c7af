"""A comment by an account that looks like the council's: what triage keeps and asks, and what it leaves alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from moothall.council.actions import put_in_force
from moothall.council.models import AuthorisedUser
from moothall.inbox.models import Author, Channel, Comment
from moothall.inbox.triage import triage
from moothall.policy import default_policy
from tests.integration import cast

pytestmark = [pytest.mark.database, pytest.mark.django_db]

IMITATOR = {"name": "Thornbury-on-Wold Borough Counci1", "handle": "tow_help_desk"}


@pytest.fixture
def bluesky() -> Channel:
    cast.rules()
    cast.channel()
    made = cast.channel(platform="bluesky", account="thornburywoldbc.bsky.social")
    return made


def written(
    on: Channel, text: str = "Is the market on this Tuesday?", at: datetime = cast.MONDAY, **author: str
) -> Comment:
    number = Comment.objects.count()
    identity = {"external_id": f"did:plc:{number}"} | author
    person = Author.objects.create(platform=on.platform, **identity)
    return cast.comment(on, text, id=f"1000_1_{number}", author=person, state="due", written_at=at)


def read(comment: Comment) -> dict[str, Any]:
    assessment = triage(comment.pk, timezone.now())
    assert assessment is not None
    return dict(assessment.result)


def test_the_finding_is_kept_with_both_accounts_and_the_reasons(bluesky: Channel):
    result = read(written(bluesky, **IMITATOR))
    assert result["look_alike"] == {
        "theirs": IMITATOR | {"platform": "bluesky"},
        "ours": {"name": "Thornbury-on-Wold Borough Council", "handle": "", "platform": "facebook"},
        "similarity": 0.97,
        "reasons": ["Its name reads as “Thornbury-on-Wold Borough Council”."],
        "raises": ["brand_misuse"],
    }


def test_it_raises_the_question_and_recommends_nothing(bluesky: Channel):
    result = read(written(bluesky, **IMITATOR))
    assert [(ground["name"], ground["clauses"]) for ground in result["grounds"]] == [("brand_misuse", ["our-identity"])]
    assert result["recommended"] == "ignore"
    assert result["measures"] == ["ignore"]


def test_an_officer_who_says_that_people_could_mistake_it_is_offered_what_the_rules_hold(bluesky: Channel):
    comment = written(bluesky, **IMITATOR)
    Comment.objects.filter(pk=comment.pk).update(stated={"confusing": True})
    result = read(comment)
    assert result["measures"] == ["ignore", "hide", "delete", "block", "report"]
    assert result["recommended"] == "block"


def test_rules_that_ask_nothing_still_get_no_recommendation_from_a_name(bluesky: Channel):
    text = default_policy().text
    asked = (
        "    needs: {hide: confusing, delete: confusing, block: confusing, report: confusing}\n    recommends: block"
    )
    assert asked in text
    changed = text.replace(asked, "    recommends: block").replace('version: "2026.1"', 'version: "2026.2"')
    put_in_force(changed, officer=None)
    result = read(written(bluesky, **IMITATOR))
    assert "block" in result["measures"]
    assert result["recommended"] == "ignore"


@pytest.mark.parametrize(
    "author",
    [
        {
            "external_id": "did:plc:ours",
            "handle": "thornburywoldbc.bsky.social",
            "name": "Thornbury-on-Wold Borough Council",
        },
        {"name": "Thornbury-on-Wold Borough Council (parody)", "handle": "towparody"},
        {"name": "Dee Marlow", "handle": "dee.bsky.social"},
        {"name": "Friends of Thornbury-on-Wold Library", "handle": "towlibrary"},
        {"name": "", "handle": ""},
    ],
)
def test_the_councils_own_account_and_people_with_nothing_to_hide_are_left_alone(
    bluesky: Channel, author: dict[str, str]
):
    result = read(written(bluesky, **author))
    assert result["look_alike"] is None
    assert result["grounds"] == []


def test_the_council_is_known_by_the_identity_it_is_connected_with(bluesky: Channel):
    Channel.objects.filter(pk=bluesky.pk).update(account="did:plc:ours")
    ours = written(bluesky, external_id="did:plc:ours", name="Thornbury-on-Wold Borough Council")
    assert read(ours)["look_alike"] is None


def test_a_partner_on_the_register_is_left_alone_on_its_days_only(bluesky: Channel):
    ends = cast.MONDAY + timedelta(days=1)
    AuthorisedUser.objects.create(
        key="bluesky\ntow_help_desk",
        name="Wold Contact Services",
        platform="bluesky",
        handle="tow_help_desk",
        purpose="Answers for the council at weekends",
        starts_at=cast.MONDAY - timedelta(days=1),
        ends_at=ends,
    )
    partner = written(bluesky, **IMITATOR)
    assert read(partner)["look_alike"] is None
    later = cast.comment(bluesky, id="later", author=partner.author, state="due", written_at=ends)
    assert read(later)["look_alike"] is not None


def test_a_channel_that_is_connected_or_renamed_counts_at_once(bluesky: Channel):
    author = {"name": "Brackenford Council", "handle": "bfd"}
    assert read(written(bluesky, **author))["look_alike"] is None
    Channel.objects.filter(platform="facebook").update(name="Brackenford Council")
    found = read(written(bluesky, **author))["look_alike"]
    assert found["ours"]["name"] == "Brackenford Council"


def test_a_comment_whose_author_is_withheld_is_read_as_any_other(bluesky: Channel):
    comment = written(bluesky)
    Comment.objects.filter(pk=comment.pk).update(author=None)
    assert read(comment)["look_alike"] is None


def page_of(comment: Comment) -> str:
    client = Client()
    client.force_login(cast.officer())
    return client.get(f"/comments/{comment.pk}/").content.decode()


def test_the_page_shows_both_accounts_and_says_what_differs(bluesky: Channel):
    comment = written(bluesky, name="Thornbury-on-Wold Bоrough Council", handle="thornburywoldbc1.bsky.social")
    read(comment)
    text = page_of(comment)
    assert "The author looks like one of the council’s accounts" in text
    assert 'What differs in the name: <bdi class="written">Cyrillic о for o</bdi>.' in text
    assert 'B<mark class="fired">о</mark>rough' in text
    assert 'B<mark class="fired">o</mark>rough' in text
    assert "A plain joke or a parody is left alone." in text
    assert "A question: the account looks like the council’s" in text
    assert "Almost certain" not in text


def test_a_name_is_never_markup(bluesky: Channel):
    comment = written(bluesky, name="<img src=x onerror=alert(1)>", handle="thornburywoldbc1.bsky.social")
    assert read(comment)["look_alike"] is not None
    Channel.objects.update(name="<b>Council</b>")
    text = page_of(comment)
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_a_comment_of_before_and_one_by_anybody_else_say_nothing_of_it(bluesky: Channel):
    plain = written(bluesky, name="Dee Marlow")
    read(plain)
    assert "looks like one of" not in page_of(plain)
    assessment = plain.assessments.get()
    del assessment.result["look_alike"]
    plain.assessments.all().delete()
    plain.assessments.create(
        made_at=assessment.made_at, policy_version=assessment.policy_version, result=assessment.result
    )
    client = Client()
    client.force_login(cast.officer("Bryn"))
    assert client.get(f"/comments/{plain.pk}/").status_code == 200
