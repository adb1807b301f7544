"""Translations: what is said in code stands in every catalogue, and the check finds what does not."""

from pathlib import Path

import pytest
from django.conf import settings

from config.messages import LOCALES, catalogue_file, extracted, merge, problems, read, write

ROOT = Path(settings.BASE_DIR)


def say(root: Path, template: str, python: str = "") -> None:
    (root / "templates").mkdir(exist_ok=True)
    (root / "templates" / "page.html").write_text(template, encoding="utf-8")
    (root / "clinics").mkdir(exist_ok=True)
    (root / "clinics" / "words.py").write_text(python, encoding="utf-8")


def translate(root: Path, sentences: dict[str, str | tuple[str, str]]) -> list[str]:
    """Merges, fills in and writes the Spanish catalogue of `root`; what the check then says."""
    template = extracted(root)
    catalogue = read(root, "es")
    merge(catalogue, template)
    for sentence, words in sentences.items():
        catalogue.get(sentence).string = words  # type: ignore[union-attr]
    write(root, "es", catalogue)
    return problems(read(root, "es"), extracted(root))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_of_the_product_is_translated(locale: str) -> None:
    assert problems(read(ROOT, locale), extracted(ROOT)) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_making_the_catalogues_again_changes_nothing(tmp_path: Path, locale: str) -> None:
    catalogue = read(ROOT, locale)
    merge(catalogue, extracted(ROOT))
    write(tmp_path, locale, catalogue)
    assert catalogue_file(tmp_path, locale).read_bytes() == catalogue_file(ROOT, locale).read_bytes()


def test_a_new_sentence_is_reported_until_it_is_translated(tmp_path: Path) -> None:
    say(tmp_path, '{% translate "Good morning" %}')
    assert problems(read(tmp_path, "es"), extracted(tmp_path))[0].startswith("not in the catalogue: “Good morning”")
    assert translate(tmp_path, {}) == ["not translated: “Good morning”"]
    assert translate(tmp_path, {"Good morning": "Buenos días"}) == []
    say(tmp_path, '{% translate "Good morning" %}', '_("Good evening")\n')
    assert any("Good evening" in problem for problem in problems(read(tmp_path, "es"), extracted(tmp_path)))


def test_a_sentence_that_nobody_says_any_more_is_reported_and_then_leaves(tmp_path: Path) -> None:
    say(tmp_path, '{% translate "Good morning" %}')
    translate(tmp_path, {"Good morning": "Buenos días"})
    say(tmp_path, "")
    assert problems(read(tmp_path, "es"), extracted(tmp_path)) == ["no longer said anywhere: “Good morning”"]
    assert translate(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Quedan citas", "without its placeholder %(count)s"),
        ("Quedan %(cuenta)s citas", "unknown placeholder %(cuenta)s"),
        ("Quedan %(count)s citas", ""),
    ],
)
def test_a_translation_with_other_placeholders_is_reported(tmp_path: Path, words: str, problem: str) -> None:
    say(tmp_path, "", 'gettext_lazy("%(count)s appointments left")\n')
    found = translate(tmp_path, {"%(count)s appointments left": words})
    assert (problem in found[0]) if problem else found == []


def test_both_forms_of_a_plural_are_asked_for(tmp_path: Path) -> None:
    say(tmp_path, "{% blocktranslate count n=n %}{{ n }} mail{% plural %}{{ n }} mails{% endblocktranslate %}")
    assert translate(tmp_path, {"%(n)s mail": ("un correo", "")}) == ["not translated: “%(n)s mail”"]
    assert translate(tmp_path, {"%(n)s mail": ("un correo", "%(n)s correos")}) == []


def test_an_unsure_translation_is_reported(tmp_path: Path) -> None:
    say(tmp_path, '{% translate "Good morning" %}')
    translate(tmp_path, {"Good morning": "Buenos días"})
    catalogue = read(tmp_path, "es")
    catalogue.get("Good morning").flags.add("fuzzy")  # type: ignore[union-attr]
    assert problems(catalogue, extracted(tmp_path)) == ["marked as unsure: “Good morning”"]


def test_moving_code_about_leaves_the_catalogue_as_it_is(tmp_path: Path) -> None:
    say(tmp_path, '{% translate "Good morning" %}')
    translate(tmp_path, {"Good morning": "Buenos días"})
    before = catalogue_file(tmp_path, "es").read_bytes()
    say(tmp_path, '\n\n<p>{% translate "Good morning" %}</p>')
    translate(tmp_path, {})
    assert catalogue_file(tmp_path, "es").read_bytes() == before
