"""The image, started as what it says of itself, and used as the README uses the server."""

from __future__ import annotations

import json
import subprocess

from tools.fresh.commands import end, first_steps, free_port, take_first_steps, wait_until_ready
from tools.fresh.machine import ROOT
from tools.fresh.words import say
from tools.image.building import Buildah


def try_image(buildah: Buildah, image: str) -> None:
    """Start it, wait until it is ready, and let a student mark.

    Raises:
        FreshError: it did not start, or a step went otherwise than the README says.
    """
    told = json.loads(buildah.call("inspect", "--type=image", image))["OCIv1"]["config"]
    say(f"Starting {' '.join(told['Cmd'])} as user {told['User']}")
    container = buildah.call("from", "--pull-never", image)
    port = free_port()
    # the network is this machine's: nobody else is to reach it
    words = ["--isolation=chroot", "--env=HOST=127.0.0.1", f"--env=PORT={port}"]
    command = buildah.command("run", *words, container, "--", *told["Cmd"])
    server = subprocess.Popen(command, start_new_session=True)
    try:
        wait_until_ready(server, port, "The image")
        take_first_steps(["bash", "-c", "set -e\n" + first_steps(port)], ROOT)
    finally:
        end(server)
