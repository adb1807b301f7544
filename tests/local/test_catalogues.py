"""Translations are compiled without GNU gettext, and only when they have changed."""

import gettext
from pathlib import Path

import pytest

from config.local.catalogues import compile_all
from config.local.problem import Problem

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Patient"
msgstr "Paciente"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A Spanish catalogue."""
    path = tmp_path / "es" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE)
    return path


def test_a_new_catalogue_is_compiled_and_an_unchanged_one_is_not(tmp_path: Path, source: Path) -> None:
    assert compile_all(tmp_path) == 1
    assert gettext.translation("django", tmp_path, ["es"]).gettext("Patient") == "Paciente"
    assert compile_all(tmp_path) == 0


def test_a_catalogue_that_cannot_be_read_is_named(tmp_path: Path, source: Path) -> None:
    source.write_bytes(CATALOGUE.encode() + b'msgid "x"\nmsgstr "\xff\xfe"\n')
    with pytest.raises(Problem, match=r"django\.po cannot be read"):
        compile_all(tmp_path)
