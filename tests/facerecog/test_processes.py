"""Several processes over one folder of networks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from facerecog import default_models_dir


def test_processes_that_start_for_the_first_time_at_once_do_not_disturb_each_other(
    tmp_path: Path,
) -> None:
    """They share the folder of compiled networks, which is empty then."""
    shutil.copytree(default_models_dir() / "ir", tmp_path / "ir")
    load = "from facerecog import Recognizer; Recognizer().close()"
    environment = {**os.environ, "MODELS_DIR": str(tmp_path)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", load], env=environment, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=100)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
