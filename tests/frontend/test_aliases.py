"""Random programs that share arrays; and faults planted in the analysis, each of which they must find."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from srcdiff.frontend.carried import Carried
from srcdiff.frontend.places import Places, is_tracked
from tests.frontend.alias_programs import look


def test_what_is_accepted_is_right(tmp_path: Path) -> None:
    found = Counter(look(seed, tmp_path) for seed in range(400))
    assert set(found) == {"right", "SD020", "SD021", "SD022"}
    assert found["right"] > 50


def no_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "near", lambda self, roots: set(roots))


def no_merging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Carried, "_merge", lambda self, numbers: None)


def no_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Carried, "_add_sources", lambda self, group, roots: None)


def no_writes_of_earlier_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = Carried._settle_memory
    monkeypatch.setattr(Carried, "_settle_memory", lambda self, reads: settle(self, set()))


def one_branch_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "join", lambda self, before, left, right: left)


def no_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Places, "relate", lambda self, root, others: None)


def no_views(monkeypatch: pytest.MonkeyPatch) -> None:
    derive = Places.derive

    def fresh(self, value, sources, relation):
        if relation == "view" and is_tracked(value):
            self.fresh(value)
        else:
            derive(self, value, sources, relation)

    monkeypatch.setattr(Places, "derive", fresh)


@pytest.mark.parametrize(
    ("plant", "seed"),
    [
        (no_aliases, 67),
        (no_merging, 155),
        (no_sources, 172),
        (no_writes_of_earlier_trips, 85),
        (one_branch_only, 116),
        (no_relations, 72),
        (no_views, 5),
    ],
)
def test_planted_faults_are_found(plant, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    assert look(seed, tmp_path).startswith("SD02")
    plant(monkeypatch)
    assert look(seed, tmp_path) == "wrong"
