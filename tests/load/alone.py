"""A program once more, in a network of its own: from there no other server of this machine is
reached, and what it does to the network it does to itself only."""

from __future__ import annotations

import os
import sys

from facerecog.samples import photo
from tests.load.cluster.processes import require

ALONE = "ATTENDANCE_ALONE"  # set for the second start
INSIDE = 'ip link set lo up && exec "$@"'


def go_alone(module: str, *pictures: str) -> None:
    """Become that program in a network namespace, with the same words; nothing if it is one.
    (Root only.) The pictures are fetched before, since there is no way to them from inside."""
    if ALONE in os.environ:
        return
    require("unshare", "ip")
    for name in pictures:
        photo(name)
    command = ["unshare", "--net", "sh", "-c", INSIDE, "sh", sys.executable, "-m", module]
    words = {**os.environ, ALONE: "1"}
    os.execvpe("unshare", [*command, *sys.argv[1:]], words)  # noqa: S606  # no word comes from outside
