"""How does a connection change its role? For set-up by the owner and tests by the app."""

from typing import Any

from environ import Env


def use_role(connection: Any, url: str) -> None:
    """From now on the connection logs in with the user of that URL; its database stays."""
    wanted = Env.db_url_config(url)
    connection.close()
    connection.settings_dict.update({key: wanted[key] for key in ("USER", "PASSWORD", "HOST", "PORT")})
