"""Every mutant still fits the tree, is small, and names a campaign, of which each has one; only its symptom kills."""

import re
from pathlib import Path

import pytest

from config.local.places import ROOT
from tests.faults import template
from tests.faults.mutants import Mutant, environment_of, mutants
from tests.faults.registry import campaigns
from tests.faults.report import Outcome

pytestmark = pytest.mark.feature("B14", enters="command")
MOST_LINES = 5
MIGRATION = re.compile(r"^--- a/(\S+/migrations/\S+)\n\+\+\+ .+\n(?:[ @].*\n)*-(.+)", re.MULTILINE)
FUNCTION = re.compile(r"FUNCTION ([a-z_]+)\(")


@pytest.mark.parametrize("mutant", mutants(), ids=lambda one: one.name)
def test_a_mutant_fits_is_small_and_names_a_campaign(mutant: Mutant) -> None:
    mutant.apply(ROOT, only_check=True)
    assert 1 <= mutant.changed() <= MOST_LINES
    assert mutant.campaign in campaigns()
    assert mutant.scale > 0


def test_each_campaign_has_a_mutant_that_it_must_notice() -> None:
    assert campaigns().keys() - {one.campaign for one in mutants()} == set()


@pytest.mark.parametrize("mutant", [one for one in mutants() if one.migrates()], ids=lambda one: one.name)
def test_a_mutant_of_a_function_changes_it_as_the_database_ends_up_with_it(mutant: Mutant) -> None:
    changes = MIGRATION.findall(mutant.file.read_text(encoding="utf-8"))
    assert changes
    for path, taken_out in changes:
        file = ROOT / path
        before = file.read_text(encoding="utf-8").partition(taken_out)[0]
        functions = FUNCTION.findall(before)[-1:]  # none: it changes a table
        later = [one for one in file.parent.glob("0*.py") if one.name > file.name]
        assert [one.name for one in later for name in functions if f"FUNCTION {name}(" in one.read_text()] == []


def test_a_patch_that_does_not_fit_is_told(tmp_path: Path) -> None:
    file = tmp_path / "stale.patch"
    file.write_text("campaign=kill scale=1\n--- a/run.py\n+++ b/run.py\n@@ -1 +1 @@\n-never there\n+nor this\n")
    with pytest.raises(ValueError, match="stale does not fit"):
        Mutant("stale", "kill", 1, file, "lost:").apply(ROOT, only_check=True)


def test_every_symptom_is_a_pattern() -> None:
    assert all(re.compile(one.finds) for one in mutants())


@pytest.mark.parametrize(
    ("outcome", "killed"),
    [
        (Outcome({}, passed=True), False),
        (Outcome({}, passed=True, listed=["lost: one, which is allowed"]), False),
        (Outcome({}, passed=False, findings=["died by itself: worker-1", "lost: one"]), True),
        (Outcome({}, passed=False, listed=["lost: more than allowed"]), True),
        (Outcome({}, passed=False, findings=["duplicated: one"]), False),
        (Outcome({}, passed=False, findings=["broke off: TooLate: not within 9 s: all ended"]), False),
        (Outcome({}, passed=False, findings=["its process ended with 1"]), False),
    ],
)
def test_only_a_campaign_that_found_its_symptom_kills(outcome: Outcome, killed: bool) -> None:
    assert bool(Mutant("one", "kill", 1, ROOT, "^lost:").symptoms(outcome)) is killed


def test_a_mutant_of_the_tables_does_not_copy_those_of_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(template.VARIABLE, "migrated")
    by_name = {one.name: environment_of(one) for one in mutants()}
    assert template.VARIABLE not in by_name["no_unique_index"]
    assert by_name["no_breaker"][template.VARIABLE] == "migrated"
