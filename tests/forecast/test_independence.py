"""The model owes nothing to what it judges: it imports nothing of the product, directly or by a file beside it."""

import ast
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: The model. The other files here drive the product, and compare.
MODEL = ("wall", "entities", "schedule", "gates", "plan", "by_hand", "distance", "model")


def imports(name: str) -> set[str]:
    """What a file of the model imports, as it is written there."""
    tree = ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("name", MODEL)
def test_the_model_imports_the_standard_library_and_itself_alone(name: str) -> None:
    own = {f"tests.forecast.{one}" for one in MODEL}
    assert {one for one in imports(name) - own if one.partition(".")[0] not in sys.stdlib_module_names} == set()
