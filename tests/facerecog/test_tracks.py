"""Faces followed over frames: who has a name when, and what is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from facerecog import Frame, Gallery, Recognizer, Seen, Wanted
from facerecog.crop import Quality
from facerecog.levels import levels
from facerecog.samples import photo
from facerecog.tracks import Judge, Track, Tracker, Verdict
from tests import classroom

SECOND = 0.25  # between two frames
CLASS = ("obama", "biden", "grace_hopper")


def judge_of(recognizer: Recognizer, *people: str) -> Judge:
    gallery = Gallery()
    for who in people:
        gallery.add(who, recognizer.enrol(photo(who).read_bytes()).embedding[None])
    of = levels(recognizer.config.model, recognizer.info["precision"])

    def judge(probe: np.ndarray) -> Verdict:
        matches = gallery.search(probe)
        if not matches:
            return Verdict(None, False, False)
        gap = matches[1].distance - matches[0].distance if len(matches) > 1 else None
        allowed = of.search_distance(0.01, len(people), len(people), gap)
        nearest = matches[0]
        return Verdict(nearest, nearest.distance <= allowed, nearest.distance <= of.distance(1e-4))

    return judge


def watch(
    recognizer: Recognizer,
    seats: Sequence[classroom.Seat],
    judge: Judge,
    frames: int,
    tracker: Tracker | None = None,
) -> tuple[Tracker, list[list[Track]], list[int]]:
    """Show frames to a tracker; also how many faces of each were embedded."""
    tracker = tracker or Tracker()
    shown, embedded = [], []
    for number in range(frames):
        at = number * SECOND
        found = recognizer.look(
            classroom.frame(recognizer, seats, number), tracker.wanted(at, Wanted())
        )
        shown.append(tracker.update(found, at, judge, 28))
        embedded.append(sum(face.embedding is not None for face in found.faces))
    return tracker, shown, embedded


def names(tracks: Sequence[Track]) -> list[object]:
    return sorted(str(track.key) for track in tracks if track.key is not None)


def test_a_class_is_named_and_a_stranger_is_not(recognizer: Recognizer) -> None:
    seats = classroom.seats([*CLASS, "astronaut"])
    tracker, shown, _ = watch(recognizer, seats, judge_of(recognizer, *CLASS), 2)
    assert names(shown[-1]) == [], "two frames name nobody"
    tracker, shown, _ = watch(recognizer, seats, judge_of(recognizer, *CLASS), 12)
    assert names(shown[-1]) == sorted(CLASS)
    assert len(tracker.tracks) == 4, "one track each"
    stranger = next(track for track in tracker.tracks if track.key is None)
    assert stranger.state == "unknown"
    assert stranger.shots == []
    assert stranger.crop == b""


def test_a_face_that_is_known_is_embedded_no_more(recognizer: Recognizer) -> None:
    seats = classroom.seats(CLASS)
    _, shown, embedded = watch(recognizer, seats, judge_of(recognizer, *CLASS), 14)
    assert names(shown[-1]) == sorted(CLASS)
    assert embedded[:2] == [3, 3]
    assert embedded[-5:] == [0] * 5


def test_a_picture_on_the_wall_is_uncertain_however_long_it_hangs_there(
    recognizer: Recognizer,
) -> None:
    seats = classroom.seats({"obama": 0.0, "biden": 0.1})
    tracker, shown, _ = watch(recognizer, seats, judge_of(recognizer, *CLASS), 30)
    assert names(shown[-1]) == ["biden"]
    poster = next(track for track in tracker.tracks if track.key is None)
    assert poster.state == "uncertain"
    assert poster.still
    assert poster.verdict.nearest is not None
    assert poster.verdict.nearest.key == "obama"


def test_a_name_is_on_one_face_of_a_frame_only(recognizer: Recognizer) -> None:
    seats = [
        classroom.Seat("obama", 250, 270),
        classroom.Seat("obama", 650, 270, side=90),
    ]
    _, shown, _ = watch(recognizer, seats, judge_of(recognizer, *CLASS), 10)
    assert names(shown[-1]) == ["obama"]
    assert sorted(track.state for track in shown[-1]) == ["known", "uncertain"]


def test_whoever_takes_another_seat_is_not_taken_for_who_sat_there(
    recognizer: Recognizer,
) -> None:
    judge = judge_of(recognizer, *CLASS)
    tracker, shown, _ = watch(recognizer, classroom.seats(["obama"]), judge, 8)
    assert names(shown[-1]) == ["obama"]
    for number in range(8, 60):
        at = number * SECOND
        data = classroom.frame(recognizer, classroom.seats(["biden"]), number)
        shown.append(
            tracker.update(recognizer.look(data, tracker.wanted(at, Wanted())), at, judge, 28)
        )
    assert names(shown[-1]) == ["biden"]


def test_without_a_gallery_nothing_is_kept_of_anybody(recognizer: Recognizer) -> None:
    tracker, shown, _ = watch(recognizer, classroom.seats(["obama"]), judge_of(recognizer), 8)
    assert {track.state for track in shown[-1]} == {"unknown"}
    assert all(track.shots == [] for track in tracker.tracks)


# -- without networks: faces that are made


def face(x: float, embedding: np.ndarray | None, y: float = 0.5, side: float = 60) -> Seen:
    box = np.array([x, y, x + side / 1000, y + side / 1000], np.float32)
    eyes = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    return Seen(
        box, (eyes * side + box[:2] * 1000).astype(np.float32), side, 0.99,
        Quality(0.5, 100.0, 100.0, int(side)), embedding, b"",
    )  # fmt: skip


def unit(number: int) -> np.ndarray:
    embedding = np.zeros(16, np.float32)
    embedding[number] = 1
    return embedding


def named(probe: np.ndarray) -> Verdict:
    from facerecog import Match

    return Verdict(Match(int(probe.argmax()), 0.1), True, True)


def frame_of(*faces: Seen) -> Frame:
    return Frame(1000, 1000, list(faces))


def walking(tracker: Tracker, path: Callable[[int], list[Seen]], frames: int) -> list[Track]:
    shown: list[Track] = []
    for number in range(frames):
        shown = tracker.update(frame_of(*path(number)), number * 0.2, named, 28)
    return shown


def test_two_who_cross_keep_their_names() -> None:
    tracker = Tracker()

    def path(number: int) -> list[Seen]:
        return [face(0.1 + 0.03 * number, unit(1)), face(0.7 - 0.03 * number, unit(2), y=0.52)]

    shown = walking(tracker, path, 20)
    assert [track.key for track in shown] == [1, 2]
    assert len(tracker.tracks) == 2


def test_a_face_that_jumps_is_found_by_its_looks() -> None:
    tracker = Tracker()
    walking(tracker, lambda number: [face(0.1 + 0.01 * number, unit(3))], 4)
    shown = tracker.update(frame_of(face(0.8, unit(3))), 1.0, named, 28)
    assert len(tracker.tracks) == 1
    assert shown[0].key == 3


def test_who_went_is_forgotten_after_seconds() -> None:
    tracker = Tracker()
    walking(tracker, lambda number: [face(0.1 + 0.01 * number, unit(3))], 4)
    tracker.update(frame_of(), 10.0, named, 28)
    assert [track.key for track in tracker.tracks] == [3], "and found again for a minute"
    tracker.update(frame_of(), 70.0, named, 28)
    assert tracker.tracks == []


def test_a_stranger_who_went_is_forgotten_at_once() -> None:
    from facerecog import Match

    def nobody(probe: np.ndarray) -> Verdict:
        return Verdict(Match(1, 1.3), False, False)

    tracker = Tracker()
    for number in range(3):
        tracker.update(frame_of(face(0.1 + 0.01 * number, unit(5))), number * 0.2, nobody, 28)
    tracker.update(frame_of(), 0.8, nobody, 28)
    tracker.update(frame_of(), 3.2, nobody, 28)
    assert tracker.tracks == []


def test_after_a_pause_who_has_a_name_has_it_at_once_and_only_who_had_it() -> None:
    tracker = Tracker()
    shown = walking(
        tracker,
        lambda number: [face(0.1 + 0.01 * number, unit(3)), face(0.6 + 0.01 * number, unit(4))],
        6,
    )
    assert [track.key for track in shown] == [3, 4]
    before = [track.id for track in shown]
    assert tracker.wanted(21.0, Wanted()).settled == [], "whoever sits there is looked at"
    # one sits still where he sat, and somebody else has the other's seat
    new = [face(0.15, unit(3)), face(0.65, unit(7))]
    shown = tracker.update(frame_of(*new), 21.0, named, 28)
    assert [track.key for track in shown] == [3, None]
    assert [track.id in before for track in shown] == [True, False]
    # of a large class not every face is looked at in the first frame
    shown = tracker.update(frame_of(*new, face(0.8, None)), 21.2, named, 28)
    shown = tracker.update(frame_of(*new, face(0.8, unit(4))), 21.4, named, 28)
    assert [track.key for track in shown] == [3, None, 4]
    assert shown[2].id == before[1]
    assert len(tracker.tracks) == 3


def test_after_a_short_pause_names_stay_until_each_face_was_looked_at() -> None:
    tracker = Tracker()
    walking(
        tracker,
        lambda number: [face(0.1 + 0.01 * number, unit(3)), face(0.6 + 0.01 * number, unit(4))],
        6,
    )
    shown = tracker.update(frame_of(face(0.15, None), face(0.65, None)), 9.0, named, 28)
    assert [track.key for track in shown] == [3, 4]
    assert tracker.wanted(9.2, Wanted()).settled == [], "each is looked at"
    shown = tracker.update(frame_of(face(0.15, unit(3)), face(0.65, unit(7))), 9.2, named, 28)
    assert [track.key for track in shown] == [3, None], "somebody else sits there now"
    assert len(tracker.wanted(9.4, Wanted()).settled) == 1


def test_a_camera_that_sends_a_frame_every_four_seconds_names_people_too() -> None:
    tracker = Tracker()
    for number in range(9):
        # of a large class not every face is looked at in every frame
        one, other = (unit(1), None) if number % 2 else (None, unit(2))
        where = [face(0.1 + 0.02 * number, one), face(0.6, other)]
        shown = tracker.update(frame_of(*where), 4.0 * number, named, 28)
    assert [(track.key, track.state) for track in shown] == [(1, "known"), (None, "uncertain")]


def test_a_face_that_is_too_small_says_so_until_it_comes_nearer() -> None:
    tracker = Tracker()
    shown = tracker.update(frame_of(face(0.1, None, side=20)), 0.0, named, 28)
    assert [track.state for track in shown] == ["small"]
    shown = tracker.update(frame_of(face(0.1, unit(1), side=40)), 0.2, named, 28)
    assert [track.state for track in shown] == ["unknown"]


def test_a_face_that_could_be_somebody_is_uncertain() -> None:
    from facerecog import Match

    def like(probe: np.ndarray) -> Verdict:
        return Verdict(Match(7, 1.0), False, True)

    tracker = Tracker()
    for number in range(6):
        shown = tracker.update(frame_of(face(0.1, unit(1))), number * 0.2, like, 28)
    assert [track.state for track in shown] == ["uncertain"]
    assert len(shown[0].shots) == 5


def test_of_many_frames_the_worst_is_given_up() -> None:
    from facerecog import Match

    def like(probe: np.ndarray) -> Verdict:
        return Verdict(Match(7, 1.0), False, True)

    tracker, qualities = Tracker(), [0.9, 0.8, 0.3, 0.7, 0.6, 0.5]
    for number in range(40):
        quality = Quality(qualities[min(number // 8, 5)], 100.0, 100.0, 60)
        shown = tracker.update(
            frame_of(replace(face(0.1, unit(1)), quality=quality)), number * 0.2, like, 28
        )
        if number % 8 == 0:
            shown[0].embedded_frame = -100  # as if it were time to look again
    kept = [shot.quality for shot in shown[0].shots]
    assert len(kept) == 5
    assert min(kept) > 0.3


@pytest.mark.parametrize("shape", ["process", "thread"])
def test_a_frame_survives_the_way_to_the_networks_process(
    recognizer: Recognizer, shape: str
) -> None:
    from facerecog import wire

    data = classroom.frame(recognizer, classroom.seats(CLASS), 0)
    found = recognizer.look(data, Wanted(crops=True, most_embedded=2))
    assert sum(face.embedding is not None for face in found.faces) == 2
    again = wire.frame(wire.frame_answer(found)) if shape == "process" else found
    for one, other in zip(found.faces, again.faces, strict=True):
        assert one.crop == other.crop
        assert one.box.tolist() == other.box.tolist()
        assert (one.embedding is None) == (other.embedding is None)
        if one.embedding is not None and other.embedding is not None:
            assert one.embedding.tolist() == other.embedding.tolist()
    wanted, picture = wire.read_wanted(wire.wanted(Wanted(crops=True), data))
    assert picture == data
    assert wanted == Wanted(crops=True, settled=[])
