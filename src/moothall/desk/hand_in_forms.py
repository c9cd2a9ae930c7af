"""What is asked about a copy seen elsewhere: what was seen, the page's own test, and what the platform said."""

from __future__ import annotations

from typing import Any, Final

from django.utils.datastructures import MultiValueDict

from moothall.desk import wording
from moothall.desk.council.fields import Form, clock, day, file, one_of, words
from moothall.inbox.queries import channels_status
from moothall.moderation.handing_in import Upload
from moothall.signals.picture_files import FORMATS, MOST_BYTES

_ELSEWHERE: Final = "elsewhere"
_PICTURES: Final = ",".join(f"image/{kind.lower()}" for kind in FORMATS)
_LIMITS: Final = f"JPEG, PNG, GIF or WebP, up to {MOST_BYTES // 1024 // 1024} MB"
_YES_NO: Final = (("yes", "Yes"), ("no", "No"))


class HandInForm(Form):
    """An account or a picture that an officer saw elsewhere."""

    platform = one_of(
        "Where did you see it?",
        [*wording.PLATFORM.items(), (_ELSEWHERE, "Somewhere else, for example on a website")],
        missing="Choose where you saw it",
    )
    address = words(
        "Its address",
        "As the browser shows it, beginning with https://. Moothall never opens it. Or give a picture below",
        most=600,
    )
    name = words("The name of the account", "Exactly as it stands there: copy and paste it")
    handle = words("Its handle", "What stands behind the @")
    description = words(
        "What did you see?",
        "What it shows or says, and what of ours it uses",
        missing="Say in a sentence or two what you saw",
        rows=4,
        most=5_000,
    )
    seen_day = day("The day you saw it", missing="Enter the day you saw it, like 27/3/2027")
    seen_time = clock("The time you saw it", missing="Enter the time you saw it, like 09:30")
    picture = file("A picture of it", f"A screenshot, or the picture itself. {_LIMITS}", accept=_PICTURES)
    our_picture = file(
        "Our original",
        f"To be laid beside it, where it copies a picture of ours that is not on the register of our pictures. {_LIMITS}",
        accept=_PICTURES,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        channels = [
            (str(channel.pk), f"{channel.name} on {wording.PLATFORM.get(channel.platform, channel.platform)}")
            for channel in channels_status()
        ]
        copies = one_of(
            "Which of our accounts does it look like?", [("", "Let Moothall compare it with all of them"), *channels]
        )
        super().__init__(*args, **kwargs)
        self.fields["copies"] = copies

    #: Where the refusals of the action stand.
    REFUSALS: Final = {
        "address_refused": "address",
        "nothing_to_look_at": "address",
        "seen_later": "seen_day",
        "own_account": "handle",
    }

    def stated(self) -> dict[str, Any]:
        """Return what was filled in, as ``moderation.handing_in.hand_in`` takes it."""
        given = self.cleaned_data
        return {
            "platform": "" if given["platform"] == _ELSEWHERE else given["platform"],
            "copies": int(given["copies"]) if given["copies"] else None,
            "seen_at": self.moment("seen_day", "seen_time"),
            **{name: given[name] for name in ("address", "name", "handle", "description")},
        }


def uploaded(files: MultiValueDict[str, Any], name: str) -> Upload | None:
    """Return a file as it was sent, None for none; of a file that is too large only enough to be refused."""
    sent = files.get(name)
    return Upload(sent.read(MOST_BYTES + 1), sent.name) if sent is not None else None


class StatementForm(Form):
    """The page's own test, and whether the council allowed it."""

    def __init__(self, questions: tuple[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        confusing, authorised = questions
        self.fields["confusing"] = one_of(
            confusing,
            (("yes", "Yes, it could"), ("no", "No: parody, a joke, criticism or a fan page that nobody takes for us")),
            missing="Say whether it could confuse the public",
        )
        self.fields["authorised"] = one_of(authorised, _YES_NO, missing="Say whether the council allowed it")


class ProofForm(Form):
    """What the platform said when a measure was carried out."""

    proof = words(
        "What did the platform say?",
        "A case number, or what it showed",
        missing="Write down what it said or showed",
        rows=2,
        most=5_000,
    )
