"""Random programs that share arrays; and faults planted in the analysis, each of which they must find."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from srcdiff.frontend import recorder
from srcdiff.frontend.branches import _Join
from srcdiff.frontend.carried import Carried
from srcdiff.frontend.places import Places, State
from tests.frontend.alias_programs import look


def test_what_is_accepted_is_right(tmp_path: Path) -> None:
    found = Counter(look(seed, tmp_path) for seed in range(400))
    assert set(found) == {"right", "SD021", "SD022"}
    assert found["right"] > 120


def no_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(State, "near", lambda self, roots: set(roots))


def no_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(State, "relate", lambda self, root, others: None)


def no_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Carried, "_relate_starts", lambda self: None)


def no_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Carried, "_settle_relations", lambda self: None)


def no_writes_of_earlier_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = Carried._settle_contents
    monkeypatch.setattr(Carried, "_settle_contents", lambda self, heads, reads: settle(self, heads, set()))


def no_writes_in_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Join, "_written", lambda self, states: {})


def no_views(monkeypatch: pytest.MonkeyPatch) -> None:
    put = Places.put
    monkeypatch.setattr(
        Places, "put", lambda self, value, root, steps=(): self.fresh(value) if steps else put(self, value, root)
    )


def always_compact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "is_compact", lambda stamp: True)


FAULTS = (
    (no_aliases, 0),
    (no_relations, 0),
    (no_starts, 20),
    (no_sources, 4),
    (no_writes_of_earlier_trips, 652),
    (no_writes_in_branches, 11),
    (no_views, 1),
    (always_compact, 3),
)


@pytest.mark.parametrize(("plant", "seed"), FAULTS)
def test_planted_faults_are_found(plant, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    assert look(seed, tmp_path) != "wrong"
    plant(monkeypatch)
    assert look(seed, tmp_path) == "wrong"
