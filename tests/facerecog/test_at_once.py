"""Many threads, one recognizer: the same answers, a bounded queue, nothing lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from facerecog import Recognizer, RecognizerBusy, RecognizerConfig
from facerecog.embedder import Embedder
from tools.photos import photo

from .conftest import encoded, opened

PEOPLE = ("obama", "obama2", "biden", "grace_hopper", "astronaut")


class Gate:
    """Stands for the embedding network: waits until it is opened, and notes its batches."""

    def __init__(self, fails: bool = False) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()
        self.batches: list[int] = []
        self.fails = fails

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        self.batches.append(len(crops))
        self.entered.set()
        self.opened.wait()
        if self.fails:
            raise RuntimeError("out of order")
        answer = np.zeros((len(crops), 512), np.float32)
        answer[np.arange(len(crops)), crops[:, 0, 0, 0]] = 2.0
        return answer


def crop(number: int) -> np.ndarray:
    return np.full((160, 160, 3), number, np.uint8)


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


def test_those_who_wait_are_embedded_together() -> None:
    gate = Gate()
    embedder = Embedder(gate, max_batch=4)
    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(embedder.embed_one, crop(0))
        gate.entered.wait()
        others = [pool.submit(embedder.embed_one, crop(number)) for number in range(1, 10)]
        while embedder.waiting < 9:
            pass
        gate.opened.set()
        assert np.argmax(first.result()) == 0
        assert [int(np.argmax(other.result())) for other in others] == list(range(1, 10))
    assert gate.batches == [1, 4, 4, 1]


def test_batches_run_side_by_side_up_to_the_limit() -> None:
    gate = Gate()
    embedder = Embedder(gate, side_by_side=2)
    with ThreadPoolExecutor(5) as pool:
        results = []
        for number in (1, 2):
            gate.entered.clear()
            results.append(pool.submit(embedder.embed_one, crop(number)))
            gate.entered.wait()
        results += [pool.submit(embedder.embed_one, crop(number)) for number in (3, 4, 5)]
        while embedder.waiting < 3:
            pass
        assert gate.batches == [1, 1]
        gate.opened.set()
        assert [int(np.argmax(result.result())) for result in results] == [1, 2, 3, 4, 5]
    assert sum(gate.batches) == 5


def test_several_faces_at_once_get_the_embeddings_that_each_gets_alone(
    recognizer: Recognizer,
) -> None:
    image = recognizer.decode(photo("obama").read_bytes())
    box = recognizer.detect(image)[0].box
    crops = np.stack([recognizer.crop(image, box + np.float32(4 * shift)) for shift in range(9)])
    alone = np.concatenate([recognizer.embed(one[None]) for one in crops])
    with ThreadPoolExecutor(4) as pool:
        for count, together in zip(
            range(1, 10), pool.map(lambda n: recognizer.embed(crops[:n]), range(1, 10)), strict=True
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


def test_a_failing_network_fails_each_caller_and_blocks_nobody() -> None:
    gate = Gate(fails=True)
    gate.opened.set()
    embedder = Embedder(gate)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="out of order"):
            embedder.embed_one(crop(1))
    gate.fails = False
    assert np.argmax(embedder.embed_one(crop(7))) == 7


def test_a_lone_caller_does_not_wait_for_company() -> None:
    gate = Gate()
    gate.opened.set()
    embedder = Embedder(gate, patience=1e6, expected=lambda: 1)
    assert np.argmax(embedder.embed_one(crop(3))) == 3


def test_company_on_its_way_is_waited_for() -> None:
    gate = Gate()
    gate.opened.set()
    embedder = Embedder(gate, patience=60, expected=lambda: 3)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda number: embedder.embed_one(crop(number)), (1, 2, 3)))
    assert [int(np.argmax(result)) for result in results] == [1, 2, 3]
    assert gate.batches == [3]


def test_crops_of_another_shape_are_refused(recognizer: Recognizer) -> None:
    with pytest.raises(ValueError, match="160"):
        recognizer.embed(np.zeros((1, 112, 112, 3), np.uint8))
    with pytest.raises(ValueError, match="uint8"):
        recognizer.detect(np.zeros((100, 100, 3), np.float32))
    assert recognizer.embed(np.zeros((0, 160, 160, 3), np.uint8)).shape == (0, 512)


def test_a_full_queue_is_busy_and_frees_its_places_afterwards() -> None:
    data = photo("obama2").read_bytes()
    with Recognizer(RecognizerConfig(max_queue=1, retry_after=3)) as one:
        gate = Gate()
        one._embedder._network = gate  # holds the only place for as long as the test wants
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(one.analyse, data)
            gate.entered.wait()
            assert one.queue_depth == 1
            with pytest.raises(RecognizerBusy) as caught:
                one.analyse(data)
            assert caught.value.code == "recognizer_busy"
            assert caught.value.retry_after == 3
            gate.opened.set()
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
