"""The fields that these screens ask with: days and times as people write them, and every refusal in words beside its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from moothall.policy.calendar import LONDON
from moothall.words import DomainError

_DAYS: Final = ("%d/%m/%Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%d %m %Y", "%d.%m.%Y", "%d-%m-%Y")
_TIMES: Final = ("%H:%M", "%H.%M", "%I:%M%p", "%I.%M%p", "%I%p", "%I:%M %p", "%I %p")
_DAY_HINT: Final = "For example, 27/3/2027 or 27 March 2027"
_TIME_HINT: Final = "For example, 09:30"


class Form(forms.Form):
    """A form whose refusals the server words: the browser does not get in between, and nothing typed is lost."""

    use_required_attribute = False

    def __init__(self, *args: Any, fields: Mapping[str, forms.Field] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields = {**(fields or {}), **self.fields}
        for field in self.fields.values():
            _style(field)

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django does, and give what was refused the look of it."""
        super().add_error(field, error)
        for name in self.errors.keys() & self.fields.keys():
            _style(self.fields[name], wrong=True)

    def refuse(self, error: DomainError, fields: Mapping[str, str] | None = None) -> None:
        """Show why an action refused, beside the field that ``fields`` names for its code, else above the form."""
        field = (fields or {}).get(error.code)
        self.add_error(field if field in self.fields else None, error.message)

    def moment(self, day: str, clock: str) -> datetime:
        """Return the moment in London of a day's and a time's field, both filled in."""
        return london(self.cleaned_data[day], self.cleaned_data[clock])


def london(day: date, clock: time) -> datetime:
    """Return the moment at which clocks in London show this day and time."""
    return datetime.combine(day, clock, LONDON)


def days_and_clock(name: str, moment: datetime | None) -> dict[str, str]:
    """Return what stands in the fields ``<name>_day`` and ``<name>_time`` for a moment, as London writes it."""
    if moment is None:
        return {}
    here = timezone.localtime(moment, LONDON)
    return {f"{name}_day": written(here.date()), f"{name}_time": f"{here:%H:%M}"}


def written(day: date) -> str:
    """Return ``27/3/2027``."""
    return f"{day.day}/{day.month}/{day.year}"


def words(
    label: str,
    hint: str = "",
    *,
    missing: str = "",
    rows: int = 0,
    most: int = 200,
    strip: bool = True,
    style: str = "",
) -> forms.CharField:
    """Return a field for text, optional unless ``missing`` says what to do when nothing is entered.

    ``rows``: of a larger box. ``most``: the most characters. ``style``: a class of the stylesheet.
    """
    box = forms.Textarea({"rows": rows, "class": style}) if rows else forms.TextInput({"class": style})
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        strip=strip,
        error_messages={"required": missing},
        # No maxlength on the box: a browser would cut what is pasted without a word.
        validators=[MaxLengthValidator(most, f"{label}: shorten it to {most:,} characters. It has %(show_value)s")],
        widget=box,
    )


def day(label: str, hint: str = _DAY_HINT, *, missing: str = "") -> forms.DateField:
    """Return a field for a day, optional unless ``missing`` says what to do when nothing is entered."""
    return forms.DateField(
        label=label,
        help_text=hint,
        required=bool(missing),
        input_formats=_DAYS,
        widget=forms.DateInput({"class": "govuk-input--width-10", "autocomplete": "off"}, format="%d/%m/%Y"),
        error_messages={"required": missing, "invalid": f"{label}: enter a day like 27/3/2027"},
    )


def clock(label: str, hint: str = _TIME_HINT, *, missing: str = "") -> forms.TimeField:
    """Return a field for a time of day, optional unless ``missing`` says what to do when nothing is entered."""
    return forms.TimeField(
        label=label,
        help_text=hint,
        required=bool(missing),
        input_formats=_TIMES,
        widget=forms.TimeInput({"class": "govuk-input--width-5", "autocomplete": "off"}, format="%H:%M"),
        error_messages={"required": missing, "invalid": f"{label}: enter a time like 09:30 or 9:30pm"},
    )


def one_of(label: str, choices: Sequence[tuple[str, str]], hint: str = "", *, missing: str = "") -> forms.ChoiceField:
    """Return a choice of one, as radios, optional unless ``missing`` says what to do when none is chosen."""
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=choices,
        required=bool(missing),
        widget=forms.RadioSelect({"class": "govuk-radios__input"}),
        error_messages={"required": missing, "invalid_choice": missing or "Choose one of these"},
    )


def tick(label: str, hint: str = "", *, missing: str = "") -> forms.BooleanField:
    """Return a box to tick, optional unless ``missing`` says what to do when it is not ticked."""
    return forms.BooleanField(
        label=label,
        help_text=hint,
        required=bool(missing),
        widget=forms.CheckboxInput({"class": "govuk-checkboxes__input"}),
        error_messages={"required": missing},
    )


def file(label: str, hint: str = "", *, missing: str = "", accept: str = "") -> forms.FileField:
    """Return a field for a file, optional unless ``missing`` says what to do when none is chosen."""
    return forms.FileField(
        label=label,
        help_text=hint,
        required=bool(missing),
        widget=forms.FileInput(_of_a_file(accept)),
        error_messages=_wrong_with_a_file(missing),
    )


class Files(forms.FileField):
    """Several files; its value is a list of them, as they were chosen. An empty one among others is for whoever reads them."""

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the files. Raises ValidationError where there is none, or where there are more than ``most``."""
        given = data or []
        if len(given) > self.most:
            raise forms.ValidationError(f"{self.label}: choose at most {self.most} at once. These are {len(given)}")
        return given if given else super().clean(None, initial)


class _FilesInput(forms.FileInput):
    allow_multiple_selected = True


def files(label: str, hint: str = "", *, missing: str = "", accept: str = "", most: int) -> Files:
    """Return a field for one file or several, ``most`` at most, optional unless ``missing`` says what to do without one."""
    return Files(
        label=label,
        help_text=hint,
        required=bool(missing),
        widget=_FilesInput(_of_a_file(accept) | {"multiple": True}),
        error_messages=_wrong_with_a_file(missing),
        most=most,
    )


def _of_a_file(accept: str) -> dict[str, Any]:
    return {"class": "govuk-file-upload"} | ({"accept": accept} if accept else {})


def _wrong_with_a_file(missing: str) -> dict[str, str]:
    return {
        "required": missing,
        "empty": "This file is empty. Choose another",
        "missing": missing,
        "invalid": "The file did not arrive. Choose it again",
    }


def _style(field: forms.Field, *, wrong: bool = False) -> None:
    """Give a text field the class of its kind, and the one of an error where it was refused."""
    kind = "govuk-textarea" if isinstance(field.widget, forms.Textarea) else "govuk-input"
    if not isinstance(field.widget, forms.Textarea | forms.DateInput | forms.TimeInput | forms.TextInput):
        return
    given = str(field.widget.attrs.get("class", "")).split()
    wanted = [kind, f"{kind}--error"] if wrong else [kind]
    field.widget.attrs["class"] = " ".join(dict.fromkeys([*wanted, *given]))
