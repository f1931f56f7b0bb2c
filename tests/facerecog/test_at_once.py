"""Many threads, one recognizer: the same answers, a bounded queue, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from facerecog import Recognizer, RecognizerBusy, RecognizerConfig
from facerecog.lanes import Lanes
from facerecog.samples import photo

from .conftest import encoded, opened

PEOPLE = ("obama", "obama2", "biden", "grace_hopper", "astronaut")


class Gate:
    """Stands for the work in a lane: waits until it is opened, and notes its batches."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()
        self.batches: list[list[int]] = []
        self.fails = False

    def __call__(self, numbers: Iterable[int]) -> list[int | BaseException]:
        taken: list[int] = []
        self.batches.append(taken)
        self.entered.set()
        self.opened.wait()
        taken.extend(numbers)
        if self.fails:
            raise RuntimeError("out of order")
        return [ValueError(number) if number == REFUSED else 2 * number for number in taken]


REFUSED = 13


def test_many_threads_get_the_answers_that_one_gets(recognizer: Recognizer) -> None:
    data = {name: photo(name).read_bytes() for name in PEOPLE}
    alone = {name: recognizer.embed_image(data[name]) for name in PEOPLE}
    names = list(PEOPLE) * 12
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda name: recognizer.embed_image(data[name]), names))
    for name, embedding in zip(names, together, strict=True):
        assert embedding @ alone[name] > 0.999
    assert recognizer.queue_depth == 0


def test_frames_of_many_shapes_at_once_are_searched_rightly(recognizer: Recognizer) -> None:
    portrait = opened("grace_hopper")
    sizes = [(width, width * 600 // 512) for width in range(200, 520, 20)]
    pictures = [encoded(portrait.resize(size), quality=95) for size in sizes]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(recognizer.analyse, pictures))
    widths = [
        (result.box[2] - result.box[0]) / size[0] for result, size in zip(found, sizes, strict=True)
    ]
    assert max(widths) - min(widths) < 0.1


def test_those_who_wait_are_worked_on_together() -> None:
    gate = Gate()
    lanes = Lanes(gate, 1, max_batch=4)
    with ThreadPoolExecutor(10) as pool:
        results = [pool.submit(lanes.do, 0)]
        gate.entered.wait()
        for number in range(1, 10):
            results.append(pool.submit(lanes.do, number))
            while lanes.waiting < number:
                pass
        gate.opened.set()
        assert [result.result() for result in results] == [2 * number for number in range(10)]
    assert gate.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_as_many_work_at_once_as_there_are_lanes() -> None:
    gate = Gate()
    lanes = Lanes(gate, 2, max_batch=1)
    with ThreadPoolExecutor(3) as pool:
        results = []
        for number in (1, 2):
            gate.entered.clear()
            results.append(pool.submit(lanes.do, number))
            gate.entered.wait()
        results.append(pool.submit(lanes.do, 3))
        while lanes.waiting < 1:
            pass
        assert gate.batches == [[], []]
        gate.opened.set()
        assert [result.result() for result in results] == [2, 4, 6]
    assert sorted(gate.batches) == [[1], [2], [3]]


def test_an_error_is_its_own_items_and_of_no_other() -> None:
    gate = Gate()
    lanes = Lanes(gate, 1, max_batch=4)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(lanes.do, 1)
        gate.entered.wait()
        refused, last = pool.submit(lanes.do, REFUSED), pool.submit(lanes.do, 5)
        while lanes.waiting < 2:
            pass
        gate.opened.set()
        assert (first.result(), last.result()) == (2, 10)
        with pytest.raises(ValueError, match=str(REFUSED)):
            refused.result()


def test_several_faces_at_once_get_the_embeddings_that_each_gets_alone(
    facenet: Recognizer,
) -> None:
    image = facenet.decode(photo("obama").read_bytes())
    box = facenet.detect(image)[0].box
    crops = np.stack([facenet.crop(image, box + np.float32(4 * shift)) for shift in range(9)])
    alone = np.concatenate([facenet.embed(one[None]) for one in crops])
    with ThreadPoolExecutor(4) as pool:
        for count, together in zip(
            range(1, 10), pool.map(lambda n: facenet.embed(crops[:n]), range(1, 10)), strict=True
        ):
            assert together.shape == (count, 512)
            assert (np.sum(together * alone[:count], axis=1) > 0.999).all()


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells what is mapped")
def test_what_was_read_to_compile_takes_no_memory_afterwards() -> None:
    with Recognizer():
        resident, kept = 0, False
        for line in Path("/proc/self/smaps").read_text().splitlines():
            if line.split()[0].count("-") == 1:
                kept = line.endswith(".blob")
            elif kept and line.startswith("Rss:"):
                resident += int(line.split()[1])
    assert resident < 1000, "kB of compiled networks that stayed mapped"


def test_failing_work_fails_each_caller_and_blocks_nobody() -> None:
    gate = Gate()
    gate.fails = True
    lanes = Lanes(gate, 1, max_batch=4)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(lanes.do, 1)
        gate.entered.wait()
        others = [pool.submit(lanes.do, number) for number in (2, 3)]
        while lanes.waiting < 2:
            pass
        gate.opened.set()
        for result in (first, *others):
            with pytest.raises(RuntimeError, match="out of order"):
                result.result()
    gate.fails = False
    assert lanes.do(7) == 14


def test_crops_of_another_shape_are_refused(facenet: Recognizer) -> None:
    with pytest.raises(ValueError, match="160"):
        facenet.embed(np.zeros((1, 112, 112, 3), np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        facenet.detect(np.zeros((100, 100, 3), np.float32))
    assert facenet.embed(np.zeros((0, 160, 160, 3), np.uint8)).shape == (0, 512)


def test_a_full_queue_is_busy_and_frees_its_places_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = photo("obama2").read_bytes()
    entered, opened_ = threading.Event(), threading.Event()
    with Recognizer(RecognizerConfig(max_queue=1, retry_after=3)) as one:
        embed = one._engine.embed

        def held(crops: np.ndarray) -> np.ndarray:
            entered.set()
            opened_.wait()
            return embed(crops)

        monkeypatch.setattr(one._engine, "embed", held)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(one.analyse, data)
            entered.wait()
            assert one.queue_depth == 1
            with pytest.raises(RecognizerBusy) as caught:
                one.analyse(data)
            assert caught.value.code == "recognizer_busy"
            assert caught.value.retry_after == 3
            opened_.set()
            running.result()
        assert one.queue_depth == 0
        one.analyse(data)


def test_an_error_gives_its_place_back() -> None:
    with Recognizer(RecognizerConfig(max_queue=1)) as one:
        for _ in range(3):
            with pytest.raises(Exception, match="not a readable"):
                one.analyse(b"no picture")
        assert one.queue_depth == 0
        one.analyse(photo("obama2").read_bytes())
