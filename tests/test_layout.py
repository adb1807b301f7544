"""The shape of the code: small files, small functions, a door sign on every app, and imports that run one way."""

import ast
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("clinics", "patients", "appointments", "messaging", "reminders", "config", "sandbox")
APPS = PRODUCT[:5]
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 300, 40, 5
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "services", "misc", "base"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str) -> list[Path]:
    """Every Python file of these folders but migrations, which Django writes."""
    found = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    return sorted(path for path in found if "migrations" not in path.parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, Function))


def name(path: Path, function: Function) -> str:
    return f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"


def parameters(function: Function) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [one.arg for one in every if one.arg not in {"self", "cls"}]


def is_fixture_of_pytest(path: Path, function: Function) -> bool:
    """A test's parameters are what it stands on, not what a caller must know."""
    return path.name.startswith("test_") and function.name.startswith("test_")


def test_no_file_is_longer_than_a_reader_keeps_in_mind() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files(*PRODUCT, "tests")}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        name(path, function)
        for path in files(*PRODUCT, "tests")
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_function_asks_for_more_than_five_things() -> None:
    greedy = [
        name(path, function)
        for path in files(*PRODUCT, "tests")
        for function in functions(path)
        if len(parameters(function)) > MOST_PARAMETERS and not is_fixture_of_pytest(path, function)
    ]
    assert greedy == []


def test_every_file_says_what_it_is_for() -> None:
    silent = [path for path in files(*PRODUCT, "tests") if path.stat().st_size and not ast.get_docstring(parsed(path))]
    assert silent == []


def test_every_public_function_and_class_says_what_it_does() -> None:
    silent = []
    for path in files(*PRODUCT):
        for node in _public(parsed(path)):
            if not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert silent == []


def _public(of: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    """What others may use: functions and classes of a module, and the methods of its classes."""
    for node in of.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and node.name != "Meta":
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


@pytest.mark.parametrize("app", APPS)
def test_every_app_has_a_door_sign(app: str) -> None:
    sign = (ROOT / app / "__init__.py").read_text(encoding="utf-8")
    assert len(sign.splitlines()) == 5
    assert sign.startswith(f'"""{app}: ')
    assert "What does not live here:" in sign
    opened = sign.partition("Open first: ")[2].partition(".py")[0]
    assert (ROOT / app / f"{opened}.py").is_file()


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in files(*PRODUCT, "tests") if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_imports_run_one_way(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_no_import_hides_in_a_function_to_dodge_a_circle() -> None:
    hidden = [
        name(path, function)
        for path in files(*APPS)
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in APPS
    ]
    assert hidden == []
