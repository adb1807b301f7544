"""Which patients fit what was typed? By the beginnings of their names, by a phone number, by reference or e-mail; and
page by page, by the key of the last row.

Names are compared without accents and capitals, as they are typed in haste. Row-level security has already narrowed
the rows to the clinic when a name is looked at.
"""

from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower

from patients.models import Patient, Phone
from patients.phones import read_number

PAGE_SIZE = 50
#: Capitals too: whether a database knows their small letters depends on its locale.
_ACCENTED = "áàâãäåçéèêëíìîïñóòôõöúùûüýÿÁÀÂÃÄÅÇÉÈÊËÍÌÎÏÑÓÒÔÕÖÚÙÛÜÝ-'’"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyyaaaaaaceeeeiiiinooooouuuuy   "
_FOLD = str.maketrans(_ACCENTED, _PLAIN)
_PHONE_SIGNS = frozenset("0123456789 +()-./")
#: Fewer digits fit too many numbers.
_LEAST_DIGITS = 3


def matching(text: str, country: str, archived: bool | None = False) -> QuerySet[Patient]:
    """The records that fit, all of them for an empty text; those in use, the archived ones, or (None) both. Inside
    `in_clinic`."""
    found: QuerySet[Patient] = Patient.objects.all()
    if archived is not None:
        found = found.filter(archived=archived)
    text = text.strip()[:120].replace("\x00", "")
    if not text:
        return found
    by_ref = Q(ref__istartswith=text)
    digits = "".join(sign for sign in text if sign.isdigit() and sign.isascii())
    if set(text) <= _PHONE_SIGNS and len(digits) >= _LEAST_DIGITS:
        return found.filter(by_ref | Q(pk__in=_phones(text, digits, country).values("patient_id")))
    if "@" in text:
        return found.filter(by_ref | Q(email__istartswith=text))
    name = Concat(Value(" "), F("first_name"), Value(" "), F("last_name"))
    folded = Lower(Func(name, Value(_ACCENTED), Value(_PLAIN), function="TRANSLATE"))
    words = Q()
    for word in text.translate(_FOLD).lower().split():
        words &= Q(folded_name__contains=f" {word}")
    return found.annotate(folded_name=folded).filter(words | by_ref)


def _phones(text: str, digits: str, country: str) -> QuerySet[Phone]:
    number = read_number(text, country).e164
    fits = Q(e164__contains=digits.lstrip("0")) | Q(as_typed__contains=text)
    return Phone.objects.filter(fits | Q(e164=number) if number else fits)


def page_of(patients: QuerySet[Patient], after: int | None) -> tuple[list[Patient], int | None]:
    """The rows after the one with that id, by last and first name, with their phones; and the id that the next page
    begins after (None on the last page)."""
    last = Patient.objects.filter(pk=after).first() if after else None
    if last is not None:
        patients = patients.filter(last_name__gte=last.last_name).filter(
            Q(last_name__gt=last.last_name)
            | Q(last_name=last.last_name, first_name__gt=last.first_name)
            | Q(last_name=last.last_name, first_name=last.first_name, pk__gt=last.pk)
        )
    rows = list(patients.order_by("last_name", "first_name", "pk").prefetch_related("phones")[: PAGE_SIZE + 1])
    if len(rows) <= PAGE_SIZE:
        return rows, None
    return rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].pk
