"""Which sentences does the product say, and is each translated? Extraction and comparison by Babel, no GNU gettext."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

#: The catalogues' folders; English is what the code itself says.
LOCALES = ("es", "it", "pt_BR")
#: Where sentences stand.
PYTHON = ("config", "clinics", "patients", "appointments", "messaging", "reminders")
TEMPLATES = "templates"
#: Django's names beside Babel's: the lazy ones take the same arguments.
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{f"{name}_lazy": DEFAULT_KEYWORDS[name] for name in ("gettext", "ngettext", "pgettext", "npgettext")},
    "gettext_noop": None,
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")


def extracted(root: Path) -> Catalog:
    """A catalogue of every sentence in code and templates under `root`, without translations."""
    catalogue = Catalog(project="Avisa", charset="utf-8")
    for file in _sources(root):
        source = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            # Without indentation: what is left of a template is read as Python.
            source = "\n".join(line.strip() for line in templatize(source, origin=str(file)).splitlines())
        for _line, ids, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            catalogue.add(ids, context=context, locations=[(str(file.relative_to(root)), 0)])
    return catalogue


def _sources(root: Path) -> Iterator[Path]:
    for folder in PYTHON:
        yield from (file for file in sorted((root / folder).rglob("*.py")) if "migrations" not in file.parts)
    yield from (file for file in sorted((root / TEMPLATES).rglob("*")) if file.is_file())


def catalogue_file(root: Path, locale: str) -> Path:
    """Where a locale's catalogue lies."""
    return root / "locale" / locale / "LC_MESSAGES" / "django.po"


def read(root: Path, locale: str) -> Catalog:
    """A locale's catalogue; an empty one where there is none yet."""
    file = catalogue_file(root, locale)
    if not file.exists():
        return Catalog(locale=locale, project="Avisa", charset="utf-8")
    with file.open("rb") as stream:
        return read_po(stream, locale=locale)


def merge(catalogue: Catalog, template: Catalog) -> None:
    """Brings a catalogue to the sentences of `template`: new ones come in empty (never guessed), old ones go."""
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()


def write(root: Path, locale: str, catalogue: Catalog) -> None:
    """Writes it sorted, with the files but not the lines, so that moving code about changes nothing."""
    catalogue.header_comment = "# What Avisa says, one sentence after the other."
    catalogue.fuzzy = False
    catalogue.version = catalogue.msgid_bugs_address = ""
    catalogue.last_translator = catalogue.language_team = "Avisa"
    catalogue.revision_date = catalogue.creation_date
    file = catalogue_file(root, locale)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)


def problems(catalogue: Catalog, template: Catalog) -> list[str]:
    """What is wrong with a catalogue, a line each: missing, unsure, stale, or with other placeholders than the code."""
    found = []
    known = {_key(message): message for message in _sentences(catalogue)}
    wanted = {_key(message) for message in _sentences(template)}
    for key in sorted(wanted - known.keys(), key=str):
        found.append(f"not in the catalogue: {_shown(key[0])} (manage.py make_messages brings it in)")
    for key, message in known.items():
        if key not in wanted:
            found.append(f"no longer said anywhere: {_shown(key[0])}")
        elif message.fuzzy:
            found.append(f"marked as unsure: {_shown(key[0])}")
        elif not all(_strings(message.string)):
            found.append(f"not translated: {_shown(key[0])}")
        elif fault := _placeholder_fault(message):
            found.append(f"{fault}: {_shown(key[0])}")
    return found


def _sentences(catalogue: Catalog) -> Iterable[Message]:
    return (message for message in catalogue if message.id)


def _key(message: Message) -> tuple[str, str]:
    return _strings(message.id)[0], message.context or ""


def _strings(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ("",))


def _placeholder_fault(message: Message) -> str:
    """The singular of a plural may leave its number out ("one appointment"); nothing else may differ."""
    source = {one for text in _strings(message.id) for one in _PLACEHOLDER.findall(text)}
    translations = _strings(message.string)
    for place, text in enumerate(translations):
        given = set(_PLACEHOLDER.findall(text))
        if given - source:
            return f"unknown placeholder {', '.join(sorted(given - source))}"
        if source - given and not (len(translations) > 1 and place == 0):
            return f"without its placeholder {', '.join(sorted(source - given))}"
    return ""


def _shown(sentence: str) -> str:
    line = " ".join(sentence.split())
    return f"“{line[:90]}…”" if len(line) > 90 else f"“{line}”"
