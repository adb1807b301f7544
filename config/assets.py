"""Which third-party files do pages load? A named few out of node_modules, and one sprite of the icons that we use.

The packages hold thousands of files; `collectstatic` copies only what stands here.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

#: Folder in node_modules → the files of it that pages load (a map is named by the file it belongs to).
FILES = {"bootstrap/dist/css": ("bootstrap.min.css", "bootstrap.min.css.map")}

#: Names of bootstrap-icons in the sprite; `{% icon %}` refuses any other.
ICONS = (
    "card-text", "gear", "list-check", "toggle-off", "toggle-on",
    "arrow-left", "arrow-right", "arrow-repeat", "arrow-return-right", "bell", "bell-slash",
    "box-arrow-right", "building", "calendar-check", "calendar-event", "calendar-week", "calendar2-x",
    "chat-left-text", "check-circle", "check-circle-fill", "check-lg", "chevron-down", "chevron-left",
    "chevron-right", "circle", "clock", "clock-history", "dash-circle", "dash-lg", "door-open", "envelope",
    "exclamation-octagon", "exclamation-octagon-fill", "exclamation-triangle", "exclamation-triangle-fill",
    "funnel", "geo-alt", "globe2", "hourglass-split", "inbox", "info-circle", "journal-text", "mailbox",
    "pause-circle", "person", "person-check", "person-circle", "person-x", "question-circle", "search",
    "send", "send-check", "shield-lock", "slash-circle", "telephone", "trash3", "whatsapp", "x-lg",
    "x-circle", "three-dots", "archive", "arrow-counterclockwise", "calendar-plus", "calendar3", "link-45deg", "pencil",
    "people", "person-plus", "plus-lg",
)  # fmt: skip

_SVG = re.compile(r"<svg[^>]*viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>", re.DOTALL)


def sprite(folder: Path) -> str:
    """One SVG with a `<symbol>` for each of our icons, read from the package's folder of single icons."""
    symbols = []
    for name in ICONS:
        found = _SVG.search((folder / f"{name}.svg").read_text(encoding="utf-8"))
        if found is None:
            raise ValueError(f"{name}.svg is not the kind of file that bootstrap-icons ships")
        symbols.append(f'<symbol id="{name}" viewBox="{found[1]}">{found[2].strip()}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


class NodeModulesFinder(BaseFinder):
    """Django's finder contract over the files named above; they are served under /static/vendor/."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Takes nothing; the sprite is written where generated files lie."""
        super().__init__()
        self.packages = settings.BASE_DIR / "node_modules"
        self.generated = settings.BASE_DIR / "var" / "assets"

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing to configure."""
        return []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every file with the storage that opens it."""
        for folder, names in FILES.items():
            storage = _storage(self.packages / folder)
            for name in names:
                yield name, storage
        yield self._write_sprite().name, _storage(self.generated)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind a static path, for the development server; `[]` when it is not one of ours."""
        folder, _, name = path.rpartition("/")
        found: list[str] = []
        if folder == "vendor":
            known = [str(self.packages / place / name) for place, names in FILES.items() if name in names]
            found = [str(self._write_sprite())] if name == "icons.svg" else known
        if find_all:
            return found
        return found[0] if found else []

    def _write_sprite(self) -> Path:
        self.generated.mkdir(parents=True, exist_ok=True)
        target: Path = self.generated / "icons.svg"
        target.write_text(sprite(self.packages / "bootstrap-icons" / "icons"), encoding="utf-8")
        return target


def _storage(folder: Path) -> FileSystemStorage:
    """A storage over a folder whose files are collected into vendor/."""
    storage = FileSystemStorage(location=folder)
    storage.prefix = "vendor"  # type: ignore[attr-defined]  # collectstatic reads it, as of FileSystemFinder's storages
    return storage
