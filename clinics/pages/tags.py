"""What do all templates need? Icons out of our sprite, and dates in the words of the reader's language."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from django.template import Library
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

from config.assets import ICONS

register = Library()


def reader_locale() -> Locale:
    """Babel's locale of the language in which the page is written."""
    return Locale.parse(to_locale(get_language() or "en"))


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: the word stands beside it. Raises KeyError when the sprite
    does not have it."""
    if name not in ICONS:
        raise KeyError(f"{name} is not in config.assets.ICONS")
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static("vendor/icons.svg"),
        name,
    )


@register.filter
def long_day(value: date) -> str:
    """As "Thursday, 20 November 2026", in the reader's language."""
    return str(format_date(value, "full", reader_locale()))


@register.filter
def short_day(value: date | datetime) -> str:
    """As "Thu 20 Nov"; a moment is first brought to the page's time zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return str(format_skeleton("MMMEd", datetime(value.year, value.month, value.day), locale=reader_locale()))  # noqa: DTZ001


@register.filter
def clock_time(value: datetime) -> str:
    """As "09:30", in the page's time zone; 24 hours in every language, as agendas are kept."""
    return timezone.localtime(value).strftime("%H:%M")


@register.filter
def moment(value: datetime) -> str:
    """As "Thu 20 Nov 09:30", in the page's time zone."""
    return f"{short_day(value)} {clock_time(value)}"


@register.filter
def at_zone(value: datetime, zone: str) -> str:
    """As `moment`, in another zone (IANA name) than the page's."""
    with timezone.override(ZoneInfo(zone)):
        return moment(value)


@register.filter
def brief_moment(value: datetime) -> str:
    """As "20 Nov 09:30", in the page's time zone: for narrow places whose day is known from what stands around."""
    day = timezone.localtime(value)
    return f"{format_skeleton('MMMd', day.replace(tzinfo=None), locale=reader_locale())} {clock_time(value)}"


@register.filter
def number(value: int) -> str:
    """As "41,000", in the reader's language."""
    return format_decimal(value, locale=reader_locale())


@register.filter
def initials(name: str) -> str:
    """Up to two letters that stand for a person."""
    return "".join(part[0] for part in name.split()[:2]).upper()
