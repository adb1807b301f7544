"""Are the compiled translations up to date? Babel compiles them; GNU gettext need not be there."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config.local.problem import Problem


def compile_all(locale: Path) -> int:
    """Compile each catalogue under `locale` that is newer than its compiled file; how many there were."""
    compiled = 0
    for source in sorted(locale.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        try:
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parent.parent.name)
        except (ValueError, UnicodeDecodeError) as error:
            raise Problem(f"{source} cannot be read: {error}") from error
        half = target.with_suffix(".mo.new")
        with half.open("wb") as file:
            write_mo(file, catalogue)
        half.replace(target)
        compiled += 1
    return compiled
