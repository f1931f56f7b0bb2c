"""Where the networks run: in this process, in one of its own, or at an address."""

from __future__ import annotations

import os

from attendance.core.settings import Settings
from facerecog import (
    Asking,
    Recognizer,
    RecognizerConfig,
    RecognizerProcess,
    RemoteRecognizer,
    addresses,
)
from facerecog.processors import available_cores


def networks(settings: Settings) -> Recognizer | Asking:
    """The networks, loaded or reached as the settings say.

    Raises:
        ModelsMissing, PlatformUnsupported: they cannot run here.
        RecognizerRefused: what answers at FACE_PROCESS is not what the settings mean.
    """
    config = RecognizerConfig(
        models_dir=settings.models_dir,
        networks=settings.face_networks,
        engine=settings.face_engine,
        mode=settings.face_mode,
        precision=settings.face_precision,
        threads=_threads(settings),
        max_queue=settings.face_queue,
    )
    if isinstance(settings.face_process, str):
        return RemoteRecognizer(
            config,
            addresses.read(settings.face_process),
            secret=settings.face_secret.get_secret_value() if settings.face_secret else "",
            fingerprint=settings.face_fingerprint or "",
        )
    apart = settings.face_process and os.name != "nt"
    return RecognizerProcess(config) if apart else Recognizer(config)


def _threads(settings: Settings) -> int:
    """What the setting says, else the cores shared out among the workers."""
    if settings.face_threads or settings.workers == 1:
        return settings.face_threads
    return max(1, available_cores() // settings.workers)
