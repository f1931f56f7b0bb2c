"""How often a clip of the right person fits the steps that are drawn, as the page waits for them.

The page also takes a head that turns elsewhere than asked
(attendance/static/js/student/join_turns.js), so a clip that runs round and round before a camera
has to be where it is asked to be. This tries every clip of up to eight poses against many drawn
challenges and tells how often the best one passes. No pictures are needed: each pose is taken to
be recognised.

    python -m benchmarks.clips
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product

from attendance.sessions.challenges import turns
from facerecog.liveness import LEFT, RIGHT, STRAIGHT

DRAWN = 4000
LONGEST = 8
POSES = (STRAIGHT, LEFT, RIGHT)
Clip = Sequence[str]


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
    print("| steps | orders | the clip that passes most often | of its tries |")
    print("| --- | --- | --- | --- |")
    for number in (3, 4, 5):
        drawn = Counter(tuple(turns(number)) for _ in range(DRAWN))
        best = max(clips(), key=lambda clip, of=drawn: share(clip, of))  # type: ignore[misc]  # a loop's own variable
        print(f"| {number} | {len(drawn)} | {', '.join(best)} | {share(best, drawn):.0%} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
