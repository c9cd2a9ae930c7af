"""The council's own pictures on the desk: what is registered, bringing some, removing one."""

from __future__ import annotations

from typing import Any, Final, Literal

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.council import actions, queries
from moothall.council.actions import PictureThere
from moothall.council.models import PICTURE_KINDS, BrandPicture
from moothall.desk.access import officer_of, officers_only
from moothall.desk.council.fields import Form, files, one_of, words
from moothall.signals.picture_files import MOST_BYTES
from moothall.team.models import Officer
from moothall.words import DomainError

#: So many may be brought with one form: looking at a picture takes a moment, and somebody waits. A folder of any length goes in
#: with ``moothall register-pictures``.
_MOST_AT_ONCE: Final = 20


class Bringing(Form):
    """Files, and what they are."""

    uploads = files(
        "The pictures",
        f"JPEG, PNG, GIF or WebP, up to 20 MB each, up to {_MOST_AT_ONCE} at once",
        missing="Choose one picture or several",
        accept="image/jpeg,image/png,image/gif,image/webp",
        most=_MOST_AT_ONCE,
    )
    kind = one_of("What they are", tuple(PICTURE_KINDS.items()), missing="Say what they are")


class Removing(Form):
    """Why a picture is removed."""

    reason = words("Why", "Kept with the picture", missing="Say why this picture is removed", rows=2, most=1000)


@require_http_methods(["GET", "POST"])
@officers_only
def pictures(request: HttpRequest) -> HttpResponse:
    """One page of the pictures registered, or of those removed; and the form to bring some."""
    if request.method == "GET":
        return _show_all(request, Bringing(initial={"kind": "graphic"}))
    form = Bringing(request.POST, request.FILES)
    if not form.is_valid():
        return _show_all(request, form)
    refused = _bring(request, form.cleaned_data["uploads"], form.cleaned_data["kind"], officer_of(request))
    if refused:
        return _show_all(request, Bringing(initial={"kind": form.cleaned_data["kind"]}), refused)
    return redirect("council-pictures")


@require_safe
@officers_only
def picture(request: HttpRequest, picture_id: int) -> HttpResponse:
    return _show(request, picture_id, Removing())


@require_POST
@officers_only
def remove(request: HttpRequest, picture_id: int) -> HttpResponse:
    found, form = _picture_or_404(picture_id), Removing(request.POST)
    if form.is_valid():
        try:
            actions.remove_picture(picture_id, officer=officer_of(request), reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.refuse(error, {"reason_missing": "reason"})
        else:
            messages.success(request, f"{found.name} is removed. Copies of it are no longer recognised.")
            return redirect("council-pictures")
    return _show(request, picture_id, form)


@require_safe
@officers_only
def picture_file(request: HttpRequest, picture_id: int, size: str) -> HttpResponse:
    """The picture itself. Whatever was handed in, this is a JPEG that Moothall wrote, and is said to be nothing else."""
    which: Literal["copy", "small"] = "small" if size == "small" else "copy"
    _picture_or_404(picture_id)
    response = HttpResponse(queries.picture_file(picture_id, which), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="picture-{picture_id}.jpg"'
    return response


def _bring(
    request: HttpRequest, uploads: list[UploadedFile[Any]], kind: str, officer: Officer
) -> list[tuple[str, DomainError]]:
    """Register each file for itself, say how many went in, and return those refused by name, each with its reason."""
    new, there = 0, 0
    refused: list[tuple[str, DomainError]] = []
    for upload in uploads:
        name = upload.name or ""
        try:
            actions.register_picture(upload.read(MOST_BYTES + 1), file_name=name, kind=kind, officer=officer)
            new += 1
        except PictureThere:
            there += 1
        except DomainError as error:
            refused.append((name, error))
    if new:
        messages.success(request, f"{new} picture{pluralize(new)} registered.")
    if there:
        messages.info(request, f"{there} {pluralize(there, 'was,were')} registered already.")
    return refused


def _show_all(
    request: HttpRequest, form: Bringing, refused: list[tuple[str, DomainError]] | None = None
) -> HttpResponse:
    after = request.GET.get("after", "")
    removed = request.GET.get("show") == "removed"
    # A number of thousands of digits is refused by Python itself.
    page = queries.pictures(removed=removed, after=int(after) if after.isdecimal() and len(after) < 20 else None)
    context = {"page": page, "removed": removed, "after": after, "form": form, "faults": refused}
    return render(request, "desk/council/pictures.html", context, status=422 if form.errors or refused else 200)


def _show(request: HttpRequest, picture_id: int, form: Removing) -> HttpResponse:
    context = {"picture": _picture_or_404(picture_id), "form": form}
    return render(request, "desk/council/picture.html", context, status=422 if form.errors else 200)


def _picture_or_404(picture_id: int) -> BrandPicture:
    try:
        return queries.picture(picture_id)
    except DomainError as missing:
        raise Http404(missing.message) from missing
