"""The third-party files that pages load."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finder

from clinics.pages.tags import icon
from config.assets import FILES, ICONS, sprite

ROOT = Path(settings.BASE_DIR)


def test_only_the_named_files_are_collected() -> None:
    found = {name for name, _storage in get_finder("config.assets.NodeModulesFinder").list(None)}
    assert found == {"icons.svg", *(name for names in FILES.values() for name in names)}


def test_the_sprite_holds_each_of_our_icons_once() -> None:
    made = sprite(ROOT / "node_modules" / "bootstrap-icons" / "icons")
    assert sorted(re.findall(r'<symbol id="([^"]+)"', made)) == sorted(set(ICONS))
    assert "<script" not in made


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    named = {
        name
        for file in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', file.read_text(encoding="utf-8"))
    }
    assert named and named <= set(ICONS)


def test_an_icon_that_is_not_in_the_sprite_is_an_error() -> None:
    with pytest.raises(KeyError):
        icon("no-such-icon")
