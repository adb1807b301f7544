"""What is made from the sources before a command can run: compiled translations, gathered files of the pages."""

from config.local import catalogues, environment, places, static_files
from config.local.lock import held
from config.local.secrets import Secrets


def prepare() -> None:
    """Bring both up to date; quick where nothing has changed. Raises Problem."""
    with held(places.SHARED / "set-up.lock", seconds=600):
        catalogues.compile_all(places.ROOT / "locale")
        static_files.collect(environment.without_servers(Secrets()))
