"""What does a person see? The mailboxes and phones as patients have them, the failures on command."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from aiohttp import web

from sandbox.clock import Clock
from sandbox.failures import code_options, fault_from_form, fault_list, kind_options
from sandbox.faults import BadFault, Faults
from sandbox.frame import Frame, moment
from sandbox.mail import Mail, header, read_headers, read_mail
from sandbox.markup import Html, fill, flag, join, with_links
from sandbox.sms.phones import Phones
from sandbox.truth import Truth

_STATIC = Path(__file__).with_name("static")
_MOST_SHOWN = 200  # mailboxes, and mails of one mailbox
#: A mail's HTML is a stranger's: no script, no form, nothing from outside; links open in a window of their own.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)
_HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)


class Pages:
    """The handlers of the pages."""

    def __init__(self, truth: Truth, phones: Phones, faults: Faults, clock: Clock) -> None:
        self._truth = truth
        self._phones = phones
        self._faults = faults
        self._clock = clock
        self._frame = Frame(faults, clock)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where each handler is found."""
        return [
            web.get("/", self.patients),
            web.get("/phones/{number}", self.phone),
            web.get("/mailboxes/{address}", self.mailbox),
            web.get(r"/mailboxes/{address}/{id:\d{1,18}}/html", self.mail_html),
            web.get("/failures", self.failures),
            web.post("/failures", self.command),
            web.post("/failures/clear", self.lift_all),
            web.post(r"/failures/{id:\d{1,18}}/remove", self.lift),
            web.post("/clock/next", self.go_to_next_due),
            web.static("/static", _STATIC),
        ]

    async def patients(self, request: web.Request) -> web.Response:
        """Every mailbox and every phone with messages, the newest first; ?q= is a part of an address or number."""
        part = request.query.get("q", "").strip()
        content = fill("patients", part=part, mailboxes=self._mailboxes(part), phones=self._phones.table(part))
        return self._frame.page(request, "Phones and mailboxes", content)

    def _mailboxes(self, part: str) -> Html:
        rows = self._truth.mailboxes(part, _MOST_SHOWN)
        if rows:
            more = f"The {_MOST_SHOWN} with the newest mail are shown." if len(rows) == _MOST_SHOWN else ""
            return fill("card_table", rows=join(_mailbox_row(row) for row in rows), more=more)
        if part:
            return fill("empty", words=f"No mailbox's address contains “{part}”.")
        return fill("empty", words="No mail has arrived yet. When the product sends one, it appears here.")

    async def phone(self, request: web.Request) -> web.Response:
        """One phone: its conversation."""
        number = request.match_info["number"]
        return self._frame.page(request, number, self._phones.conversation(number))

    async def mailbox(self, request: web.Request) -> web.Response:
        """One mailbox: its mails and one of them to read (?mail=, else the newest)."""
        address = request.match_info["address"]
        rows = self._truth.mailbox(address, _MOST_SHOWN)
        wanted = request.query.get("mail", "")
        chosen = next((row for row in rows if str(row["id"]) == wanted), rows[0] if rows else None)
        content = fill(
            "mailbox",
            address=address,
            count=_count(len(rows)),
            rows=join(_mail_row(row, row is chosen) for row in rows),
            mail=fill("empty", words="No mail for this address yet.") if chosen is None else _reading(chosen),
        )
        return self._frame.page(request, address, content)

    async def mail_html(self, request: web.Request) -> web.Response:
        """A mail's HTML part for its frame."""
        row = self._truth.message(int(request.match_info["id"]))
        html = None if row is None else read_mail(row["raw"]).html
        if row is None or html is None or row["mailbox"] != request.match_info["address"].lower():
            raise web.HTTPNotFound(text="No such mail.")
        base = '<base target="_blank">'
        text, placed = _HEAD.subn(lambda head: head[0] + base, html, count=1)
        return web.Response(
            text=text if placed else f"<!doctype html>{base}{html}",
            content_type="text/html",
            headers={"Content-Security-Policy": _MAIL_POLICY},
        )

    async def failures(self, request: web.Request) -> web.Response:
        """The failures in force and the form to command one."""
        return self._failures(request, {}, "")

    async def command(self, request: web.Request) -> web.Response:
        """Put a fault in force; a senseless one comes back with the reason."""
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        try:
            self._faults.command(fault_from_form(form))
        except BadFault as error:
            return self._failures(request, form, str(error))
        _go_to("/failures")

    async def lift(self, request: web.Request) -> web.Response:
        """Lift one fault. One that is gone already is no error: its `times` may just have been used up."""
        self._faults.remove(int(request.match_info["id"]))
        _go_to("/failures")

    async def lift_all(self, request: web.Request) -> web.Response:
        """Lift every fault."""
        self._faults.clear()
        _go_to("/failures")

    async def go_to_next_due(self, request: web.Request) -> web.Response:
        """Have the product move its clock; its answer stands in the bar of the page that comes back."""
        back = str((await request.post()).get("back", ""))
        await self._clock.go_to_next_due()
        _go_to(back if re.fullmatch(r"/(?![/\\])[!-~]*", back) else "/")

    def _failures(self, request: web.Request, form: dict[str, str], error: str) -> web.Response:
        active = self._faults.active()
        content = fill(
            "failures",
            faults=fault_list(active) if active else fill("empty", words="Everything works as it should."),
            options=kind_options(form.get("fault", "")),
            error=fill("error", words=error) if error else "",
            recipient=form.get("recipient", ""),
            account=form.get("account", ""),
            codes=code_options(form.get("code", "")),
            times=form.get("times", "1"),
            seconds=form.get("seconds", ""),
        )
        return self._frame.page(request, "Failures", content, status=400 if error else 200)


def _mailbox_row(row: sqlite3.Row) -> Html:
    return fill(
        "mailbox_row",
        address=row["address"],
        place=f"/mailboxes/{quote(row['address'], safe='@')}",
        mails=row["mails"],
        subject=_subject(read_headers(row["raw"])),
        moment=moment(row["received_clock"]),
    )


def _mail_row(row: sqlite3.Row, chosen: bool) -> Html:
    headers = read_headers(row["raw"])
    return fill(
        "mail_row",
        id=row["id"],
        current=flag('aria-current="true"', chosen),
        subject=_subject(headers),
        sender=header(headers, "From") or row["mail_from"],
        moment=moment(row["received_clock"]),
    )


def _count(mails: int) -> str:
    if mails == _MOST_SHOWN:
        return f"the newest {mails} mails"
    return f"{mails} mail{'' if mails == 1 else 's'}"


def _reading(row: sqlite3.Row) -> Html:
    mail = read_mail(row["raw"])
    return fill(
        "mail",
        subject=_subject(mail.headers),
        sender=header(mail.headers, "From") or row["mail_from"],
        recipient=header(mail.headers, "To") or row["recipient"],
        moment=moment(row["received_clock"]),
        message_id=header(mail.headers, "Message-ID") or "none",
        account=row["account"],
        unanswered="" if row["accepted"] else fill("unanswered", fault=row["fault"] or "the client left"),
        parts=_parts(row, mail),
        headers=join(fill("header", name=name, value=value) for name, value in mail.headers.items()),
    )


def _parts(row: sqlite3.Row, mail: Mail) -> Html:
    pieces = []
    if mail.html is not None:
        place = f"/mailboxes/{quote(row['mailbox'], safe='@')}/{row['id']}/html"
        pieces.append(fill("html_part", place=place))
    if mail.text is not None:
        text = with_links(mail.text.strip("\r\n"))
        pieces.append(fill("text_part" if mail.html is None else "text_part_folded", text=text))
    pieces += [fill("attachment", name=name) for name in mail.attachments]
    return join(pieces) if pieces else fill("empty", words="This mail has no text.")


def _subject(headers: dict[str, str]) -> str:
    return header(headers, "Subject") or "(no subject)"


def _go_to(place: str) -> NoReturn:
    raise web.HTTPSeeOther(place)
