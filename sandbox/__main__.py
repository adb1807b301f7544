"""The command: `python -m sandbox --dir DIR [--smtp-port P] [--http-port P] [--clock-url URL]`.

Reads SANDBOX_TOKEN and SANDBOX_SMTP_PASSWORD (every account's password and token) from the environment: a command
line is visible to every user of the machine. Prints one JSON line with the ports when it is ready; stops on SIGTERM
and SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
import signal
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.server import Sandbox


def main() -> int:
    """Run until a signal comes. Gives the exit code: 2 for a wrong call, 1 for a failure."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The outside world on this machine.")
    parser.add_argument("--smtp-port", type=_port, default=0, help="0 (the default) picks a free one")
    parser.add_argument("--http-port", type=_port, default=0, help="0 (the default) picks a free one")
    parser.add_argument("--dir", type=Path, required=True, help="keeps the record and the certificates")
    parser.add_argument("--clock-url", type=_url, help="where the product tells its shifted clock")
    arguments = parser.parse_args()
    secrets = [os.environ.get(name, "") for name in ("SANDBOX_SMTP_PASSWORD", "SANDBOX_TOKEN")]
    if not all(secrets):
        parser.error("SANDBOX_SMTP_PASSWORD and SANDBOX_TOKEN must be set in the environment")
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(message)s")
    _allow_many_connections()
    sandbox = Sandbox(
        arguments.dir,
        *secrets,
        clock_url=arguments.clock_url,
        ports=(arguments.smtp_port, arguments.http_port),
    )
    try:
        asyncio.run(_serve(sandbox))
    except (OSError, sqlite3.Error, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(sandbox: Sandbox) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def ready() -> None:
        print(json.dumps({"http_port": sandbox.http_port, "smtp_port": sandbox.smtp_port}), flush=True)

    await sandbox.run(stop, ready)


def _allow_many_connections() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _url(text: str) -> str:
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        raise argparse.ArgumentTypeError("an address that begins with http:// is needed")
    return text


if __name__ == "__main__":
    sys.exit(main())
