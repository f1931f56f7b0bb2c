"""``python -m facerecog evaluate``: the figures of a report, and what is written."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from facerecog.acquisition import Acquired
from facerecog.cli import main
from facerecog.cli_evaluate import read_groups
from facerecog.evaluate import Measured, measure
from facerecog.evaluation_report import as_json, estimate, markdown, percent, write
from facerecog.rates import FMRS, Estimate
from facerecog.searches import FPIRS
from tests.facerecog.conftest import FACES, needs_faces
from tests.facerecog.test_plots import parsed


def acquired(people: int = 120, refused: int = 3) -> Acquired:
    """People with six photographs; the last third of them are alike, and hard to tell apart."""
    rng = np.random.default_rng(0)
    owner = np.repeat(np.arange(people), 6)
    centres = rng.normal(size=(people, 64))
    centres[people * 2 // 3 :] += 1.5 * rng.normal(size=64)
    rows = (centres[owner] + 0.9 * rng.normal(size=(len(owner), 64))).astype(np.float32)
    return Acquired(
        rows / np.linalg.norm(rows, axis=1, keepdims=True),
        [f"P{number:03}" for number in owner],
        Counter({"face_not_found": refused} if refused else {}),
        ["P000"] * refused,
    )


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Everything of 120 people, the last third of whom make a group."""
    names = [f"P{number:03}" for number in range(120)]
    groups = {"kind": {name: "alike" if name >= "P080" else "others" for name in names}}
    return measure(acquired(), threshold=1.0, groups=groups)


def test_photographs_that_were_refused_are_failures_to_acquire(measured: Measured) -> None:
    assert measured.photographs == 723
    assert measured.refused == {"face_not_found": 3}
    found = measured.failure_to_acquire
    assert found.value == 3 / 723
    assert found.low == 0  # all three are of one person, who is not always drawn
    assert found.high > 3 / 723
    none = measure(acquired(refused=0)).failure_to_acquire
    assert none == Estimate(0.0, 0.0, 3 / 120)


def test_every_rate_is_kept_at_its_threshold(measured: Measured) -> None:
    for fmr, rates in zip(FMRS, measured.verification, strict=True):
        assert rates.fmr.value <= fmr
        assert rates.threshold.low <= rates.threshold.value <= rates.threshold.high
        assert rates.fnmr.low <= rates.fnmr.value <= rates.fnmr.high
    assert measured.in_force.threshold.value == 1.0
    fnmrs = [rates.fnmr.value for rates in measured.verification]
    assert fnmrs == sorted(fnmrs)


def test_rows_have_one_to_five_templates_and_one_and_three_frames(measured: Measured) -> None:
    rows = {(row.templates, row.frames): row for row in measured.templates}
    assert set(rows) == {(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (1, 3), (2, 3), (3, 3)}
    assert {row.people for row in rows.values()} == {120}
    at = FMRS.index(1e-3)
    assert rows[3, 1].rates[at].fnmr.value < rows[1, 1].rates[at].fnmr.value
    assert rows[1, 3].rates[at].fnmr.value < rows[1, 1].rates[at].fnmr.value


def test_galleries_leave_strangers_outside(measured: Measured) -> None:
    assert {row.gallery for row in measured.searches} == {30, 80}
    assert all(row.gallery + row.strangers == 120 for row in measured.searches)
    assert {row.decision for row in measured.searches} == {"distance", "distance and gap"}
    for row in measured.searches:
        for fpir, rates in zip(FPIRS, row.rates, strict=True):
            assert rates.fpir.value <= fpir


def test_a_group_of_people_who_are_alike_has_more_false_matches(measured: Measured) -> None:
    alike, others = measured.groups
    assert (alike.group, others.group) == ("alike", "others")
    assert (alike.people, others.people) == (40, 80)
    at = FMRS.index(1e-2)
    assert alike.common[at].threshold.value == measured.verification[at].threshold.value
    assert alike.common[at].fmr.value > 2 * others.common[at].fmr.value
    assert alike.own[at].threshold.value < others.own[at].threshold.value


def test_one_photograph_a_person_is_not_enough() -> None:
    few = Acquired(np.eye(3, dtype=np.float32), ["a", "b", "c"], Counter(), [])
    with pytest.raises(ValueError, match="two of one"):
        measure(few)


def test_a_report_is_whole_and_names_nobody(measured: Measured, tmp_path: Path) -> None:
    written = write(tmp_path / "new" / "folder", {"net <1>": measured}, {"Photographs": "made up"})
    assert [path.name for path in written] == [
        "report.md",
        "results.json",
        "det.svg",
        "scores-net--1-.svg",
    ]
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "P0" not in text
        if path.suffix == ".svg":
            parsed(text)
    report = written[0].read_text(encoding="utf-8")
    for title in ("acquire", "Verification", "Templates", "Identification", "Groups", "Drawings"):
        assert title in report
    results = json.loads(written[1].read_text(encoding="utf-8"))
    system = results["systems"]["net <1>"]
    assert system["verification"][2]["fnmr"]["value"] == measured.verification[2].fnmr.value
    assert len(system["genuine_histogram"]) == len(measured.genuine_histogram)


def test_two_systems_stand_side_by_side(measured: Measured) -> None:
    text = markdown({"one": measured, "other": measured}, {}, [])
    assert text.count("| one | 0.01 % |") == text.count("| other | 0.01 % |") == 1
    assert list(as_json({"one": measured, "other": measured}, {})["systems"]) == ["one", "other"]


def test_rates_are_written_with_the_digits_they_need() -> None:
    rates = (0.5, 0.1234, 0.01234, 0.0001234, 0.0000123, 0.0)
    assert [percent(rate) for rate in rates] == [
        "50.0 %",
        "12.3 %",
        "1.2 %",
        "0.012 %",
        "0.0012 %",
        "0 %",
    ]
    assert estimate(Estimate(0.01, 0.005, 0.02)) == "1.0 % (0.50 % to 2.0 %)"
    assert estimate(Estimate(float("nan"), 0, 1)) == percent(float("nan")) == "–"


def test_groups_are_read_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("\ufeffperson,sex,age\nAda,female,old\nBob,male,\n", encoding="utf-8")
    assert read_groups(path) == {"sex": {"Ada": "female", "Bob": "male"}, "age": {"Ada": "old"}}
    for text, problem in (("person\nAda\n", "titles"), ("person,sex\na,b,c\n", "line 2")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=problem):
            read_groups(path)


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["evaluate", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_folder_without_people_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")
    status, output = run(tmp_path)
    assert status == 1
    assert "holds no folder of photographs" in output


@needs_faces
def test_a_folder_of_photographs_is_measured_and_the_second_time_embeds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--output", tmp_path / "out", "--cache", tmp_path / "cache")
    status, output = run(FACES / "lfw", *options)
    assert status == 0, output
    assert str(tmp_path / "out" / "report.md") in output
    first = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    (system,) = first["systems"].values()
    assert (system["photographs"], system["people"]) == (50, 5)
    pairs = system["in_force"]["impostors"] + system["in_force"]["genuine"]
    seen = 50 - sum(system["refused"].values())
    assert pairs == seen * (seen - 1)  # every probe with every other template
    monkeypatch.setattr("facerecog.Recognizer.probe_and_template", None)
    assert run(FACES / "lfw", *options)[0] == 0
    again = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert again == first


@needs_faces
def test_half_of_the_people_are_measured_alone(tmp_path: Path) -> None:
    photographs = {}
    for half in ("fit", "report"):
        status, output = run(
            *(FACES / "lfw", "--half", half, "--no-cache", "--output", tmp_path / half)
        )
        if status:  # a half of five people may be too few
            assert "two people are needed" in output
            continue
        results = json.loads((tmp_path / half / "results.json").read_text(encoding="utf-8"))
        (system,) = results["systems"].values()
        photographs[half] = system["photographs"]
    assert photographs
    assert all(0 < count < 50 for count in photographs.values())
