"""An hour of marks in ten minutes, and the memory of the workers meanwhile.

    python -m tests.load.soak [--minutes 10] [--students 60]

Students mark as fast as the machine lets them. The memory of the workers at the end may be a tenth
above that after the first third of the time. Exit status 1 if it is more.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

from tests.load.faults import Flow
from tests.load.school import Pressed, pressed

SAMPLE_SECONDS = 10.0
GROWTH = 1.10


def megabytes(place: Pressed) -> float:
    """Resident memory of all workers and their networks, without what they share."""
    total = 0
    for pid in place.school.workers() + place.school.networks():
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def main() -> int:
    """Run it and print the memory over time."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--students", type=int, default=60)
    given = parser.parse_args()
    with pressed(given.students) as place:
        flow = Flow(place)
        thread = threading.Thread(target=flow.run)
        thread.start()
        began, samples = time.monotonic(), []
        while time.monotonic() - began < given.minutes * 60:
            time.sleep(SAMPLE_SECONDS)
            samples.append(megabytes(place))
            seconds = time.monotonic() - began
            print(f"{seconds:5.0f} s {samples[-1]:8.1f} MB {len(flow.told):6} marks", flush=True)
        flow.ended.set()
        thread.join()
    third = samples[len(samples) // 3]
    print(f"{len(flow.told)} marks; answers {dict(flow.answers)}")
    print(f"after a third of the time {third:.1f} MB, at the end {samples[-1]:.1f} MB")
    return 0 if samples[-1] <= third * GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
