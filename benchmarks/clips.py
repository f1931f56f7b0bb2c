"""How often a clip of the right person fits the steps that are drawn, as the page waits for them.

The page also takes a head that turns elsewhere than asked
(attendance/static/js/student/join_turns.js), so a clip that runs round and round before a camera
has to be where it is asked to be. Of three steps the page also asks for one turn more, which is
looked at there and not sent (attendance/static/js/student/extra_turn.js): where the second side
follows from the first, a clip has little to guess. This tries every clip of up to eight poses
against many drawn challenges and tells how often the best one passes, and how often whoever knows
the rules and guesses at the likeliest row. No pictures are needed: each pose is taken to be
recognised.

    python -m benchmarks.clips
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise, product

from attendance.sessions.challenges import turns
from facerecog.liveness import LEFT, RIGHT, STRAIGHT

DRAWN = 40_000
LONGEST = 8
POSES = (STRAIGHT, LEFT, RIGHT)
TWICE_WEIGHT = 4
Clip = Sequence[str]


def with_turn(steps: Sequence[str]) -> list[tuple[list[str], int]]:
    """What the page may ask for in place of three steps, and how often: a turn more.

    As attendance/static/js/student/extra_turn.js draws it; a test compares the two.
    """
    rows = [
        [*steps[:place], side, *steps[place:]]
        for place in range(len(steps) + 1)
        for side in (LEFT, RIGHT)
        if side not in steps[max(0, place - 1) : place + 1]
    ]
    return [(row, TWICE_WEIGHT if _is_twice(row) else 1) for row in rows]


def _is_twice(row: Sequence[str]) -> bool:
    """Whether the same side comes twice, with the look ahead between."""
    sides = [step for step in row if step != STRAIGHT]
    return any(one == following for one, following in pairwise(sides))


def asked(number: int) -> tuple[str, ...]:
    """What a page asks for when the server draws so many steps."""
    steps = turns(number)
    if number > 3:
        return tuple(steps)
    rows, weights = zip(*with_turn(steps), strict=True)
    return tuple(random.choices(rows, weights)[0])


def fits(poses: Iterator[str], steps: Sequence[str]) -> bool:
    """Whether somebody who shows these poses, one after the other, is taken to do the steps."""
    done, before = 0, None
    for pose in poses:
        if pose != before:
            before = None
        if pose == steps[done]:
            done, before = done + 1, pose
            if done == len(steps):
                return True
        elif pose not in (STRAIGHT, before) and not (done == 0 and steps[0] == STRAIGHT):
            return False
    return False


def looped(clip: Clip, start: int) -> Iterator[str]:
    """The poses of a clip that runs round and round, long enough for any challenge."""
    return (clip[(start + place) % len(clip)] for place in range(8 * LONGEST))


def share(clip: Clip, drawn: Mapping[tuple[str, ...], int]) -> float:
    """The part of challenges that a clip fits which is somewhere when it is asked."""
    passed = sum(
        count * fits(looped(clip, start), steps)
        for steps, count in drawn.items()
        for start in range(len(clip))
    )
    return passed / (len(clip) * sum(drawn.values()))


def clips() -> Iterator[Clip]:
    """Every clip of at most `LONGEST` poses that can be run round and round."""
    for length in range(3, LONGEST + 1):
        for clip in product(POSES, repeat=length):
            if clip[0] != clip[-1] and all(one != next_ for one, next_ in pairwise(clip)):
                yield clip


def main() -> int:
    """Draw, try, print."""
    print("| asked for | rows | the likeliest row | the clip that passes most often | passes |")
    print("| --- | --- | --- | --- | --- |")
    kinds: dict[str, Callable[[], tuple[str, ...]]] = {
        "3 steps, as they are": lambda: tuple(turns(3)),
        "3 steps, and a turn more": lambda: asked(3),
        "4 steps": lambda: asked(4),
        "5 steps": lambda: asked(5),
    }
    for kind, draw in kinds.items():
        drawn = Counter(draw() for _ in range(DRAWN))
        guess = max(drawn.values()) / DRAWN
        best = max(clips(), key=lambda clip, of=drawn: share(clip, of))  # type: ignore[misc]  # a loop's own variable
        line = (kind, str(len(drawn)), f"{guess:.0%}", ", ".join(best), f"{share(best, drawn):.0%}")
        print(f"| {' | '.join(line)} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
