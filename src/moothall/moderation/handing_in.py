"""Taking in what an officer saw elsewhere: an account or a picture that copies the council's. Nothing is fetched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from moothall.council import queries as council
from moothall.inbox.models import Channel
from moothall.moderation.deciding import must_be_officer
from moothall.moderation.models import HandIn, HandInPicture
from moothall.records.actions import append
from moothall.signals import LookAlikes, OwnAccount
from moothall.signals.lookalikes import handle_key
from moothall.signals.picture_difference import differing_regions
from moothall.signals.pictures import PictureRefused, clean_copy, decode
from moothall.team.models import Officer
from moothall.words import PLATFORMS, DomainError

_LONGEST: Final = {"address": 600, "name": 200, "handle": 200, "description": 5_000}
_IN_WORDS: Final = {"address": "address", "name": "name", "handle": "handle", "description": "description"}


class AddressRefused(DomainError):
    """Give an address that begins with https:// or http://, as the browser shows it."""

    code = "address_refused"


class NothingToLookAt(DomainError):
    """Give the address where it can be seen, or a picture of it."""

    code = "nothing_to_look_at"


class DescriptionMissing(DomainError):
    """Say in a sentence or two what you saw."""

    code = "description_missing"


class SeenLater(DomainError):
    """It cannot have been seen later than now."""

    code = "seen_later"


class FileRefused(DomainError):
    """This file cannot be used as a picture."""

    def __init__(self, refusal: PictureRefused, field: str) -> None:
        super().__init__(refusal.message, refusal.code)
        #: ``picture`` or ``our_picture``.
        self.field = field


class OwnAccountHandedIn(DomainError):
    """This is one of the council's own accounts."""

    code = "own_account"


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture's file as it was given: its bytes and its name."""

    data: bytes
    name: str = ""


def hand_in(
    *,
    officer: Officer,
    description: str,
    seen_at: datetime,
    platform: str = "",
    address: str = "",
    name: str = "",
    handle: str = "",
    copies: int | None = None,
    picture: Upload | None = None,
    our_picture: Upload | None = None,
) -> HandIn:
    """Keep what an officer saw elsewhere and return it; the same handed in twice is kept once.

    ``platform``: one of words.PLATFORMS, empty for anywhere else. ``copies``: the id of the council's channel that the account
    passes itself off as; None: the one whose name or handle is most like it, if any is. ``picture``: of what was seen, a
    screenshot for example; ``our_picture``: the council's original, to be laid beside it; None: the one of the council's
    registered pictures that it shows, if any. Of both only a safely decoded copy is kept, with the SHA-256 of the file given
    and of the copy.

    Raises DomainError: not_an_officer, address_refused, nothing_to_look_at, description_missing, seen_later, too_long,
    platform_unknown, channel_unknown, own_account, and as
    FileRefused the codes of signals.pictures.
    """
    must_be_officer(officer)
    now = timezone.now()
    stated = _stated(platform, address, name, handle, description)
    if seen_at > now:
        raise SeenLater
    if not stated["address"] and picture is None:
        raise NothingToLookAt
    # Decoding may take a second: before anything is locked.
    seen, ours = _decoded(picture, "picture"), _decoded(our_picture, "our_picture")
    pictures = {"picture": seen.row if seen else None, "our_picture": ours.row if ours else None}
    digest = _digest(stated, seen_at, officer, copies, pictures)
    existing = HandIn.objects.filter(sha256=digest).first()
    if existing is not None:
        return existing
    like = compared(stated["name"], stated["handle"], platform, copies)
    if seen is not None and ours is None:
        ours, registered = _registered_original(seen.frame)
        if ours is not None:
            pictures["our_picture"], like["register"] = ours.row, registered
    if seen is not None and ours is not None:
        marked = differing_regions(seen.frame, ours.frame)
        like["marked"] = None if marked is None else [list(region) for region in marked]
    try:
        with transaction.atomic():
            for row in pictures.values():
                if row is not None:
                    row.save()
            made = HandIn.objects.create(
                **stated,
                **pictures,
                seen_at=seen_at,
                compared=like,
                registered=_authorised(stated, seen_at),
                sha256=digest,
                handed_in_by=officer,
                handed_in_at=now,
            )
            _record(made, officer, now)
    except IntegrityError:
        existing = HandIn.objects.filter(sha256=digest).first()
        if existing is None:
            raise
        return existing
    return made


def _authorised(stated: Mapping[str, str], seen_at: datetime) -> bool:
    """Return whether the register had the account when it was seen: by its handle or, where none was given, by its address."""
    handles = [stated["handle"]] if stated["handle"] else _handles_in(stated["address"])
    return bool(stated["platform"]) and any(
        council.is_authorised(stated["platform"], each, seen_at) for each in handles
    )


def _handles_in(address: str) -> list[str]:
    """Return what may be a handle in an address: the first two parts of its path, as in ``/NAME`` and ``/profile/NAME``."""
    parts = [unquote(part).replace("\0", "") for part in urlsplit(address).path.split("/")]
    return [part for part in parts if part][:2]


def _registered_original(frame: Image.Image) -> tuple[_Decoded | None, dict[str, Any]]:
    """Return the council's registered picture that a picture shows, and what was found, for ``HandIn.compared``."""
    found = council.matches(frame, words=True)
    if not found:
        return None, {}
    best = found[0]
    ours = _decoded(Upload(council.picture_file(best.picture.pk, "copy")), "our_picture")
    if ours is not None:
        ours.row.given_sha256 = best.picture.sha256
    return ours, {
        "picture": best.picture.pk,
        "name": best.picture.name,
        "similarity": round(best.similarity, 3),
        "altered": best.altered,
        "mirrored": best.mirrored,
        "words": None if best.words is None else list(best.words),
    }


def compared(name: str, handle: str, platform: str, copies: int | None = None) -> dict[str, Any]:
    """Return what of the council's an account is held against, for ``HandIn.compared``.

    Raises DomainError channel_unknown, own_account.
    """
    # Of two that it is equally like, the one on the same network.
    channels = sorted(Channel.objects.order_by("pk"), key=lambda channel: channel.platform != platform)
    own = [(channel, OwnAccount(channel.name, channel.account, channel.platform)) for channel in channels]
    if handle and (platform, handle_key(handle)) in [(each.platform, handle_key(each.handle)) for _, each in own]:
        raise OwnAccountHandedIn
    if copies is not None:
        own = [(channel, account) for channel, account in own if channel.pk == copies]
        if not own:
            raise DomainError("The council has no such account.", "channel_unknown")
    found = LookAlikes([account for _, account in own]).compare(name, handle, platform) if name or handle else None
    if found is None and copies is None:
        return {}
    ours = own[0][1] if found is None else found.like
    return {
        "ours": {"platform": ours.platform, "name": ours.name, "handle": ours.readable_handle},
        "similarity": found.similarity if found else None,
        "reasons": list(found.reasons) if found else [],
    }


def _stated(platform: str, address: str, name: str, handle: str, description: str) -> dict[str, str]:
    if platform not in ("", *PLATFORMS):
        raise DomainError("There is no such network.", "platform_unknown")
    given = {"address": address, "name": name, "handle": handle.strip().removeprefix("@"), "description": description}
    stated = {field: text.replace("\0", "").strip() for field, text in given.items()}
    for field, text in stated.items():
        if len(text) > _LONGEST[field]:
            raise DomainError(
                f"The {_IN_WORDS[field]} is too long: at most {_LONGEST[field]:,} characters.", "too_long"
            )
    if stated["address"]:
        stated["address"] = _web_address(stated["address"])
    if not stated["description"]:
        raise DescriptionMissing
    return {"platform": platform} | stated


def _web_address(address: str) -> str:
    """Return an address of the web as it was given, its scheme in small letters. Raises AddressRefused for any other."""
    scheme, colon, rest = address.partition(":")
    address = scheme.lower() + colon + rest
    try:
        parts = urlsplit(address)
        host = parts.hostname
        parts.port  # noqa: B018 (raises for what is no number)
    except ValueError:
        raise AddressRefused from None
    if (
        parts.scheme not in ("https", "http")
        or not host
        or parts.username is not None
        or any(character.isspace() or not character.isprintable() for character in address)
        or "\\" in address
    ):
        raise AddressRefused
    return address


@dataclass(frozen=True, slots=True)
class _Decoded:
    frame: Image.Image
    row: HandInPicture


def _decoded(upload: Upload | None, field: str) -> _Decoded | None:
    if upload is None:
        return None
    try:
        decoded = decode(upload.data, name=upload.name)
    except PictureRefused as refusal:
        raise FileRefused(refusal, field) from None
    frame = decoded.frames[0]
    png = clean_copy(frame, exact=True)
    row = HandInPicture(
        png=png,
        width=frame.width,
        height=frame.height,
        frames=decoded.frames_in_all,
        given_sha256=hashlib.sha256(upload.data).hexdigest(),
        kept_sha256=hashlib.sha256(png).hexdigest(),
    )
    return _Decoded(frame, row)


def _digest(
    stated: Mapping[str, str],
    seen_at: datetime,
    officer: Officer,
    copies: int | None,
    pictures: Mapping[str, HandInPicture | None],
) -> str:
    content = dict(stated) | {
        "seen_at": seen_at.isoformat(),
        "handed_in_by": officer.email,
        "copies": copies,
        **{name: [row.given_sha256, row.kept_sha256] if row else None for name, row in pictures.items()},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def about(hand_in: HandIn) -> dict[str, str]:
    """Return the personal data that is sealed beside every act about a hand-in: whose account it is and where."""
    return {"name": hand_in.name, "handle": hand_in.handle, "address": hand_in.address}


def _record(made: HandIn, officer: Officer, now: datetime) -> None:
    append(
        "hand_in.made",
        actor=officer.email,
        subject=f"hand_in:{made.pk}",
        payload={
            "hand_in": made.pk,
            "platform": made.platform,
            "sha256": made.sha256,
            "picture_sha256": made.picture.given_sha256 if made.picture else None,
            "our_picture_sha256": made.our_picture.given_sha256 if made.our_picture else None,
            "registered": made.registered,
        },
        sealed=about(made) | {"description": made.description},
        at=now,
    )
