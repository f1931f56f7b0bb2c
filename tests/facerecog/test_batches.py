"""Windows go through RNet and ONet in batches of fixed sizes."""

from __future__ import annotations

import pytest

from facerecog.engines import ONET_BATCHES, RNET_BATCHES
from facerecog.fast import batches_for


@pytest.mark.parametrize("sizes", [RNET_BATCHES, ONET_BATCHES])
def test_every_window_has_a_place_and_only_the_last_batch_is_filled_up(
    sizes: tuple[int, ...],
) -> None:
    for count in range(300):
        batches = batches_for(count, sizes)
        assert set(batches) <= set(sizes)
        assert sum(batches[:-1]) < count or count == 0
        assert count <= sum(batches) < count + max(2, sizes[0], count / 2)


def test_a_crowd_of_windows_is_split_too() -> None:
    assert sum(batches_for(1_000_000, RNET_BATCHES)) == 1_000_000


def test_several_small_batches_go_before_a_large_one_half_empty() -> None:
    assert batches_for(25, ONET_BATCHES) == (16, 8, 2)
    assert batches_for(18, RNET_BATCHES) == (24,)
