"""Do the pages show what a patient would see, and let nobody else in?"""

from __future__ import annotations

import http.client
import re
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest

from .client import TOKEN, Answer, Running, eventually, running
from .product import product

ANA = "ana@example.org"
EVIL = '<script>alert("x")</script> & <b>'


def html_mail(subject: str, html: str, text: str = "Your visit: https://example.org/v?a=1&b=2.") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{EVIL} <clinic@example.org>", ANA, subject
    mail["Message-ID"] = "<fixed@example.org>"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail


def deliver(sandbox: Running, mail: EmailMessage) -> None:
    with sandbox.login() as client:
        client.send_message(mail, "clinic@example.org", [ANA])


def post(sandbox: Running, path: str, headers: dict[str, str] | None = None, **form: str) -> Answer:
    """A form's POST as a browser sends it from the sandbox's own page."""
    origin = {"Origin": f"http://127.0.0.1:{sandbox.http_port}", "Sec-Fetch-Site": "same-origin"}
    return sandbox.ask("POST", path, urlencode(form).encode(), origin if headers is None else headers)


def test_the_list_shows_each_mailbox_with_its_newest_subject(sandbox: Running) -> None:
    assert "No mail has arrived yet" in sandbox.ask("GET", "/").text
    sandbox.send("bo@example.org", "For Bo")
    sandbox.send(ANA, "First")
    sandbox.send("Ana@Example.org", "Second")
    page = sandbox.ask("GET", "/").text
    assert page.index(ANA) < page.index("bo@example.org")
    assert "Second" in page
    assert "First" not in page
    assert "For Bo" not in sandbox.ask("GET", "/?q=ANA").text
    assert "No mailbox" in sandbox.ask("GET", "/?q=%3Cnobody%3E").text


def test_a_mailbox_shows_the_newest_mail_or_the_one_asked_for(sandbox: Running) -> None:
    sandbox.control("POST", "clock", {"offset_seconds": -86_400 * 365})
    deliver(sandbox, html_mail("Earlier", "<p>hello</p>"))
    sandbox.send(ANA, "Later")
    first = sandbox.messages()[0]
    newest = sandbox.ask("GET", f"/mailboxes/{ANA}").text
    assert "<h2>Later</h2>" in newest
    assert "2 mails" in newest
    assert first["received_at_clock"][:4] in newest
    earlier = sandbox.ask("GET", f"/mailboxes/{ANA}?mail={first['id']}").text
    assert "<h2>Earlier</h2>" in earlier
    assert "&lt;fixed@example.org&gt;" in earlier
    assert '<a href="https://example.org/v?a=1&amp;b=2"' in earlier
    assert f'src="/mailboxes/{ANA}/{first["id"]}/html"' in earlier


def test_a_mail_that_the_patient_does_not_have_is_not_in_the_mailbox(sandbox: Running) -> None:
    sandbox.fault("refuse_after_dot", times=1)
    with pytest.raises(OSError, match="554"):
        sandbox.send(ANA, "Refused")
    assert "Refused" not in sandbox.ask("GET", f"/mailboxes/{ANA}").text
    sandbox.fault("drop_after_dot", times=1)
    with pytest.raises(OSError):
        sandbox.send(ANA, "Unanswered")
    page = sandbox.ask("GET", f"/mailboxes/{ANA}").text
    assert "Unanswered" in page
    assert "the sender was not told" in page


def test_everything_a_mail_says_is_escaped(sandbox: Running) -> None:
    mail = html_mail(EVIL, "<p>hello</p>", text=EVIL)
    mail["X-Evil"] = EVIL
    deliver(sandbox, mail)
    for path in ("/", f"/mailboxes/{ANA}", "/?q=%3Cscript%3E", "/mailboxes/%3Cscript%3E"):
        page = sandbox.ask("GET", path).text
        assert re.findall(r"<script[^>]*>", page) == ['<script src="/static/sandbox.js" defer>']
        assert "<b>" not in page.replace('<b id="in-force"', "")


def test_a_mails_html_is_shown_in_a_sandboxed_frame_without_script_or_outside(sandbox: Running) -> None:
    deliver(sandbox, html_mail("Hi", '<html><head><style>p{color:red}</style></head><p style="x">Olá</p></html>'))
    [message] = sandbox.messages()
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in sandbox.ask("GET", f"/mailboxes/{ANA}").text
    frame = sandbox.ask("GET", f"/mailboxes/{ANA}/{message['id']}/html")
    assert '<head><base target="_blank"><style>' in frame.text
    assert "Olá" in frame.text
    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert sandbox.ask("GET", f"/mailboxes/bo@example.org/{message['id']}/html").status == 404


def test_a_broken_mail_can_still_be_read(sandbox: Running) -> None:
    raw = b"From: =?x?q?\r\nSubject: =?utf-8?b?////?=\r\nContent-Type: text/plain; charset=none\r\n\r\n\xff\xfe"
    with sandbox.login() as client:
        client.sendmail("clinic@example.org", [ANA], raw)
        client.sendmail("clinic@example.org", [ANA], b"Content-Type: multipart/mixed\r\n\r\n\x00")
    assert sandbox.ask("GET", f"/mailboxes/{ANA}").status == 200
    assert len(sandbox.messages()) == 2


def test_pages_have_a_strict_policy_and_ask_nothing_from_outside(sandbox: Running) -> None:
    for path in ("/", f"/mailboxes/{ANA}", "/failures"):
        page = sandbox.ask("GET", path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r'(?:src|href)="(?!/|#|\?)', page.text)
    for name in ("sandbox.css", "sandbox.js", "icon.svg"):
        assert sandbox.ask("GET", f"/static/{name}").status == 200
    assert sandbox.ask("GET", "/static/..%2Fserver.py").status in {403, 404}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""])
def test_a_foreign_host_name_is_refused(sandbox: Running, host: str) -> None:
    for path in ("/", "/control/truth", "/healthz"):
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.http_port, timeout=5)
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host)
        connection.putheader("X-Sandbox-Token", TOKEN)
        connection.endheaders()
        assert connection.getresponse().status == 403
        connection.close()


def test_localhost_is_its_own_name_too(sandbox: Running) -> None:
    host = {"Host": f"localhost:{sandbox.http_port}"}
    assert sandbox.ask("GET", "/healthz", headers=host).json == {"ok": True}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "OWN", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "OWN", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_form_is_refused(sandbox: Running, headers: dict[str, str]) -> None:
    own = f"http://127.0.0.1:{sandbox.http_port}"
    sent = {name: own if value == "OWN" else value for name, value in headers.items()}
    for path in ("/failures", "/failures/clear", "/clock/next"):
        assert post(sandbox, path, sent, fault="defer_rcpt").status == 403
    assert sandbox.control("GET", "faults") == {"faults": []}


@pytest.mark.parametrize("token", [None, "", "wrong", "sandbox-tokén"])
def test_the_control_api_needs_its_token(sandbox: Running, token: str | None) -> None:
    headers = {} if token is None else {"X-Sandbox-Token": token}
    for method, path in (
        ("GET", "truth"),
        ("DELETE", "truth"),
        ("POST", "faults"),
        ("POST", "clock"),
        ("GET", "x"),
    ):
        assert sandbox.ask(method, f"/control/{path}", headers=headers).status == 403


def test_a_failure_is_commanded_seen_and_removed_on_the_page(sandbox: Running) -> None:
    answer = post(sandbox, "/failures", fault="defer_rcpt", recipient="ana@*", account="", times="2", seconds="")
    assert (answer.status, answer.headers["Location"]) == (303, "/failures")
    page = sandbox.ask("GET", "/failures").text
    assert "mail to ana@* · 2 of 2 left" in page
    [fault] = sandbox.control("GET", "faults")["faults"]
    assert (fault["fault"], fault["recipient"], fault["account"]) == ("defer_rcpt", "ana@*", None)
    assert post(sandbox, f"/failures/{fault['id']}/remove").status == 303
    assert "Everything works as it should" in sandbox.ask("GET", "/failures").text
    sandbox.fault("defer_rcpt")
    post(sandbox, "/failures/clear")
    assert sandbox.control("GET", "faults") == {"faults": []}


def test_a_senseless_failure_comes_back_with_the_reason_and_what_was_typed(sandbox: Running) -> None:
    answer = post(sandbox, "/failures", fault="slow", recipient='"><script>', times="often", seconds="")
    assert answer.status == 400
    assert "times must be a number" in answer.text
    assert "&quot;&gt;&lt;script&gt;" in answer.text
    assert '<option value="slow" selected>' in answer.text


def test_the_button_moves_the_products_clock_to_the_next_due_moment(tmp_path: Path) -> None:
    with product() as web, running(tmp_path, "--clock-url", web.url) as sandbox:
        eventually(lambda: "nothing is due" in sandbox.ask("GET", "/").text)
        assert '<button class="primary" disabled>' in sandbox.ask("GET", "/").text
        web.due_in = 5400.0
        web.busy = True
        assert post(sandbox, "/clock/next", back="/failures").headers["Location"] == "/failures"
        assert "something is being sent. Try again." in sandbox.ask("GET", "/").text
        assert web.offset == 0
        web.busy = False
        assert post(sandbox, "/clock/next", back="//evil.example").headers["Location"] == "/"
        assert web.offset == pytest.approx(5400, abs=0.01)
        assert web.tokens == {TOKEN}
        page = sandbox.ask("GET", "/").text
        assert "The clock now stands at" in page
        assert "next due" in page
        assert sandbox.control("GET", "clock")["offset_seconds"] == web.offset


def test_without_a_product_the_button_says_so(sandbox: Running) -> None:
    assert "no product to ask" in sandbox.ask("GET", "/").text
    post(sandbox, "/clock/next", back="/")
    assert "no clock to move" in sandbox.ask("GET", "/").text
