"""What the application is made of, opened once and handed to whoever needs it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attendance.core.clock import Clock
from attendance.core.mail import Mailer
from attendance.core.settings import Settings
from attendance.core.stored_settings import StoredSettings
from database import Database

if TYPE_CHECKING:  # from floors above, which the factory puts in
    from attendance.accounts.browsers import Browsers
    from attendance.accounts.first_pins import FirstPins
    from attendance.accounts.hashing import Hashing
    from attendance.accounts.invitations import Invitations
    from attendance.accounts.student_keys import Passkeys
    from attendance.admission.attempts import Attempts
    from attendance.admission.shares import Uploads
    from attendance.crypto.tokens import Signer
    from attendance.crypto.vault import Vault
    from attendance.crypto.web_push import Voucher
    from attendance.faces.gallery import Faces
    from attendance.room.cameras import Cameras
    from attendance.sessions.tickets import Tickets


@dataclass(frozen=True)
class Services:
    """The parts that rules work with. One set per process, safe for all threads."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    tickets: Tickets
    invitations: Invitations
    first_pins: FirstPins
    mailer: Mailer
    faces: Faces
    attempts: Attempts
    uploads: Uploads
    hashing: Hashing
    browsers: Browsers
    stored_settings: StoredSettings
    cameras: Cameras
    passkeys: Passkeys
    voucher: Voucher
    digest_links: Signer
    # set when this process has been told to stop: who comes now shall go to another one
    leaving: threading.Event = field(default_factory=threading.Event)
    # set when something is stored of which nobody could be told: lists are to be sent again
    untold: threading.Event = field(default_factory=threading.Event)
