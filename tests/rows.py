"""Which test proves which row of the feature list, and through which door does it enter the product?

`python3 run.py test --rows` prints row → test → door. The door is read from the test's own calls: a page it opens, a
command it gives, the drain it rings; where a test enters by another, its marker says so: `feature(30, enters="…")`.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parent

#: What a test calls → the door it enters by.
DOORS = {
    "get": "page", "post": "page", "goto": "page", "call_command": "command", "import_agenda": "import",
    "drain": "task reminders.tasks.drain", "bring_up_to_date": "plan", "decide": "decision", "send": "provider",
}  # fmt: skip


@dataclass(frozen=True)
class Proof:
    """A marked test."""

    row: str
    test: str
    door: str


def proofs() -> list[Proof]:
    """Every (row, test) pair of the tests' markers, in the order of the rows."""
    found = [proof for path in sorted(TESTS.rglob("test_*.py")) for proof in _in_file(path)]
    return sorted(found, key=lambda proof: (_order(proof.row), proof.test))


def _order(row: str) -> tuple[str, int]:
    letter = re.sub(r"\d", "", row)
    return letter, int(re.sub(r"\D", "", row) or 0)


def _in_file(path: Path) -> Iterator[Proof]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for marker in node.decorator_list:
                if isinstance(marker, ast.Call) and ast.unparse(marker.func).endswith("mark.feature"):
                    said = [ast.literal_eval(word.value) for word in marker.keywords if word.arg == "enters"]
                    name = f"{path.relative_to(TESTS.parent)}::{node.name}"
                    for row in marker.args:
                        yield Proof(str(ast.literal_eval(row)), name, said[0] if said else _door(node))


def _door(test: ast.FunctionDef) -> str:
    calls = [node.func for node in ast.walk(test) if isinstance(node, ast.Call)]
    names = [call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls]
    doors = dict.fromkeys(DOORS[name] for name in names if name in DOORS)
    return ", ".join(doors) or "the function itself"


def main() -> int:
    """Prints one line a pair."""
    for proof in proofs():
        print(f"{proof.row:>4}  {proof.test}  → {proof.door}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
