"""Can somebody who is not the provider make the product believe something? RELIABILITY.md scorecard 24.

Thousands of callbacks, each wrong in one way, to the real pages: every one is answered with 403 and changes no row of
any table. Genuine ones before and after prove that a callback would have been heard.
"""

import base64
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.caller import Caller, Post, sign, signed_post
from tests.faults.crowd import SMS, Group
from tests.faults.registry import Campaign
from tests.faults.report import Order, Outcome
from tests.faults.stack import Stack, stack
from tests.faults.texted import Sent, send

_TRIES = 10_000
_SECONDS = 60.0
_STATUSES = ("queued", "sent", "delivered", "undelivered", "read", "failed")
_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1
"""


@dataclass(frozen=True)
class Trial:
    """A message that one tries to speak of, another clinic's, and the chance that decides."""

    base: str
    secret: str
    own: Sent
    other: Sent
    chance: random.Random

    def genuine(self) -> dict[str, str]:
        """What the provider could really say."""
        status = self.chance.choice(_STATUSES)
        return self.own.said(status, "30003" if status in ("undelivered", "failed") else "")

    def post(self, said: dict[str, str], signature: str, path: str = "") -> Post:
        """With that signature, whatever is said."""
        return Post(path or self.own.path, tuple(said.items()), {"X-Twilio-Signature": signature})

    def signature(self, said: dict[str, str], secret: str = "", path: str = "") -> str:
        """As the vendor signs."""
        return sign(secret or self.secret, f"{self.base}{path or self.own.path}", said)


def _forged(trial: Trial) -> Post:
    made_up = base64.b64encode(trial.chance.randbytes(trial.chance.choice((0, 1, 19, 20, 20, 20, 64)))).decode()
    return trial.post(trial.genuine(), trial.chance.choice((made_up, "é" * 20, "=" * 28, made_up * 40)))


def _unsigned(trial: Trial) -> Post:
    return Post(trial.own.path, tuple(trial.genuine().items()))


def _empty(trial: Trial) -> Post:
    signature = trial.chance.choice(("", trial.signature({}), trial.signature(trial.genuine())))
    return trial.post({}, signature)


def _wrong_account(trial: Trial) -> Post:
    stranger = f"AC{trial.chance.randbytes(16).hex()}"
    said = {**trial.genuine(), "AccountSid": trial.chance.choice((stranger, trial.other.account, ""))}
    return trial.post(said, trial.signature(said))


def _other_tenant(trial: Trial) -> Post:
    """Another clinic's account speaks of this clinic's message, rightly signed for its own path or for ours."""
    said = trial.other.said("delivered")
    path = trial.chance.choice((trial.own.path, trial.other.path))
    return trial.post(said, trial.signature(said, path=path))


def _tampered(trial: Trial) -> Post:
    said = trial.genuine()
    signature, name = trial.signature(said), trial.chance.choice(sorted(said))
    match trial.chance.randrange(4):
        case 0:
            said[name] += trial.chance.choice("0aX ")
        case 1:
            del said[name]
        case 2:
            said[trial.chance.choice(("ErrorCode", "Extra", "MessageStatus2", ""))] = "30005"
        case _:
            return trial.post(said, signature, f"{trial.own.path}?{name}=1")
    return trial.post(said, signature)


def _replayed(trial: Trial) -> Post:
    """A true signature, heard before, under other words or for another message of the same account."""
    said = trial.genuine()
    signature = trial.signature(said)
    status = trial.chance.choice([one for one in _STATUSES if one != said["MessageStatus"]])
    if trial.chance.random() < 0.3:
        return trial.post(said, signature, f"/w/twilio/{trial.chance.randbytes(16).hex()}")
    return trial.post({**said, "MessageStatus": status, "SmsStatus": status}, signature)


def _twice(trial: Trial) -> Post:
    """A parameter stands twice: the vendor's signature cannot tell."""
    said = trial.genuine()
    form = [*said.items(), ("MessageStatus", trial.chance.choice(_STATUSES))]
    return Post(trial.own.path, form, {"X-Twilio-Signature": trial.signature(said)})


def _cut_anew(trial: Trial) -> Post:
    """The same letters in other parameters: the vendor's signature, made over all in a row, cannot tell either."""
    said = trial.genuine()
    signature = trial.signature(said)
    names = sorted(said)
    at = trial.chance.randrange(len(names) - 1)
    taken_in = names[at + 1]
    said[names[at]] += taken_in + said.pop(taken_in)
    return trial.post(said, signature)


def _nobodys(trial: Trial) -> Post:
    """A token that names nothing, signed by somebody who has no account here."""
    said = {**trial.genuine(), "AccountSid": f"AC{trial.chance.randbytes(16).hex()}"}
    path = f"/w/{trial.chance.choice(('twilio', 'smtp', 'nobody'))}/{trial.chance.randbytes(16).hex()}"
    return trial.post(said, trial.signature(said, secret="guess", path=path), path)


KINDS: dict[str, Callable[[Trial], Post]] = {
    "forged": _forged, "unsigned": _unsigned, "empty": _empty, "wrong-account": _wrong_account,
    "other-tenant": _other_tenant, "tampered": _tampered, "replayed": _replayed, "twice": _twice,
    "cut-anew": _cut_anew, "nobodys": _nobodys,
}  # fmt: skip


def run(order: Order) -> Outcome:
    """10,000 tries at scale 1."""
    began, chance = time.monotonic(), random.Random(order.seed)
    tries = max(len(KINDS), round(_TRIES * order.scale))
    with stack() as product:
        product.start_sandbox()
        product.start_web()
        sent = send(product, [Group(1, SMS, 2, 12)], _SECONDS)
        product.kill("worker-1", "beat-1")
        secret, caller = product.variables["SANDBOX_SMTP_PASSWORD"], Caller(product.web_url)
        findings = [] if len(sent) == 12 else [f"only {len(sent)} of 12 messages went out"]
        findings += _heard(product, caller, secret, sent[:1])
        before = _everything(product)
        posts = [_made(product, chance, secret, sent) for _ in range(tries)]
        answers: Counter[tuple[str, int]] = Counter()
        caller.many(lambda one: answers.update([(one[0], caller.post(one[1]))]), posts)
        changed = [table for table, content in _everything(product).items() if content != before[table]]
        findings += _heard(product, caller, secret, sent[1:2])
    findings += [f"{kind}: answered with {status}, {n} times" for (kind, status), n in answers.items() if status != 403]
    findings += [f"written: {table}" for table in changed]
    errors = sum(n for (_, status), n in answers.items() if status >= 500)
    figures: dict[str, object] = {"runs": tries, "refused": sum(answers.values()) - sum(_others(answers))}
    figures |= {"errors": errors, "written": len(changed), "lost": 0, "duplicated": 0, "unknown": 0}
    figures |= {"seed": order.seed, "seconds": round(time.monotonic() - began, 1)}
    return Outcome(figures, not findings, sorted(findings))


def _others(answers: Counter[tuple[str, int]]) -> list[int]:
    return [n for (_, status), n in answers.items() if status != 403]


def _made(product: Stack, chance: random.Random, secret: str, sent: list[Sent]) -> tuple[str, Post]:
    own = chance.choice(sent)
    other = chance.choice([one for one in sent if one.account != own.account])
    kind = chance.choice(sorted(KINDS))
    return kind, KINDS[kind](Trial(product.web_url, secret, own, other, chance))


def _heard(product: Stack, caller: Caller, secret: str, sent: list[Sent]) -> list[str]:
    """That a genuine callback is stored."""
    status = [caller.post(signed_post(product.web_url, one.path, one.said("sent"), secret)) for one in sent]
    stored = product.database.rows("SELECT count(*) AS n FROM messaging_receipt WHERE attempt_id = ANY (%s)", [
        [one.id for one in sent]])[0]["n"]  # fmt: skip
    return [] if status == [204] * len(sent) and stored == len(sent) else [f"a genuine callback is not heard: {status}"]


def _everything(product: Stack) -> dict[str, object]:
    """What stands in every table."""
    found: dict[str, object] = {}
    for row in product.database.rows(_TABLES):
        table = row["table_name"]
        found[table] = product.database.rows(
            f"SELECT count(*) AS n, coalesce(sum(hashtext(t::text)::bigint), 0) AS content FROM {table} t"
        )
    return found


CAMPAIGNS = (Campaign("forged", run, (24,), "403, nothing written, 0 × 5xx"),)
