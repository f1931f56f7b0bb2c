"""Every setting: declared once, typed, with its default and one line of meaning.

Values come from the environment or from `.env` in the project's folder. `.env.example` and the
table in `docs/settings.md` are generated from this class and checked by a test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from attendance.core import redis_hosts, texts, zones
from database import DatabaseOptions
from facerecog import addresses
from facerecog.greeting import SHORTEST_SECRET
from facerecog.models import DEFAULT_NETWORKS, Networks

PROJECT = Path(__file__).resolve().parents[2]
# Marks what may also be changed while the server runs: see attendance/core/stored_settings.py.
CHANGEABLE: JsonDict = {"changeable": True}


def _is_zone(value: str) -> str:
    if value not in zones.names():
        raise PydanticCustomError("zone", "an IANA time zone is needed, such as Europe/Berlin")
    return value


Zone = Annotated[str, AfterValidator(_is_zone)]


class SettingsInvalid(Exception):
    """A setting has a value that it cannot have; the message names it."""


class Settings(BaseSettings):
    """The installation's settings."""

    model_config = SettingsConfigDict(
        env_file=PROJECT / ".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    # -- where it runs
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for the network.")
    port: int = Field(5001, ge=1, le=65535, description="TCP port to listen on.")
    public_url: str | None = Field(
        None,
        description="URL under which phones reach the server, put into QR codes; with a path, if "
        "it stands below one of that host (https://school.example/attendance); "
        "unset: as the request says, if that is a name or address of this machine.",
    )
    instance_dir: Path = Field(
        PROJECT / "instance", description="Folder of the SQLite database and the generated secrets."
    )
    models_dir: Path = Field(PROJECT / "models", description="Folder of the network weights.")
    uploads_dir: Path = Field(
        PROJECT / "uploads", description="Folder of kept photographs (encrypted)."
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy URL; unset: SQLite in the instance folder."
    )
    database_pool_size: int = Field(
        10,
        ge=1,
        le=200,
        description="Database connections kept per process; under load twice as many.",
    )
    database_pool_timeout: int = Field(
        10, ge=1, le=600, description="Seconds that a request waits for a free connection."
    )
    database_connect_timeout: int = Field(
        5, ge=1, le=600, description="Seconds that the database server has to accept a connection."
    )
    database_lock_timeout: int = Field(
        10, ge=1, le=600, description="Seconds that a statement waits for another's lock."
    )
    database_answer_timeout: int = Field(
        30, ge=2, le=3600, description="Seconds after which a silent database server is given up."
    )
    database_tls: Literal["prefer", "require", "verify"] = Field(
        "prefer",
        description="Encryption to the database server: where it offers it, always, or always and "
        "with its certificate checked against DATABASE_TLS_CA.",
    )
    database_tls_ca: Path | None = Field(
        None, description="File of the certificates that vouch for the database server's."
    )
    database_tls_cert: Path | None = Field(
        None, description="File of this server's own certificate for the database server."
    )
    database_tls_key: Path | None = Field(None, description="File of the key that belongs to it.")
    workers: int = Field(
        1, ge=1, le=64, description="Processes that serve; from two on they need REDIS_URL."
    )
    threads: int = Field(64, ge=2, le=2000, description="Requests served at once per process.")
    sockets: int = Field(
        1000, ge=1, le=20000, description="Live connections (Socket.IO) kept open per process."
    )
    sockets_per_account: int = Field(
        32, ge=1, le=20000, description="Live connections of one account kept open per process."
    )
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="TCP port of the metrics for Prometheus, and with several workers the ones "
        "after it; unset: none.",
    )
    metrics_host: str = Field("127.0.0.1", description="Address on which metrics are served.")
    drain_seconds: int = Field(
        0,
        ge=0,
        le=300,
        description="How long a server that is told to stop (SIGTERM) still serves, while "
        "/health/ready says no and live connections go elsewhere; for load balancers.",
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies stand in front (X-Forwarded-*)."
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        [], description="Other origins whose pages may use the API, comma separated."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="How much is logged."
    )
    redis_url: str | None = Field(
        None,
        description="Redis for Socket.IO messages and rate limits; needed from two processes on. "
        "With Sentinel: redis+sentinel://host:port,host:port/database/service.",
    )

    # -- secrets (made in the instance folder when unset)
    jwt_secret_key: SecretStr | None = Field(
        None, description="Key that signs tokens and QR tickets, at least 32 characters."
    )
    encryption_keys: SecretStr | None = Field(
        None,
        description="Keys for templates and photographs, newest first: id:base64 of 32 bytes, "
        "comma separated.",
    )

    # -- accounts
    teacher_sign_up: Literal["approval", "open"] = Field(
        "approval",
        description="Whether a new teacher waits for approval by an administrator.",
        json_schema_extra=CHANGEABLE,
    )
    student_sign_up: Literal["open", "invited", "closed"] = Field(
        "open",
        description="Who makes a student's account usable: students themselves, only the link of "
        "an invitation, or (closed) neither: nobody new comes in.",
        json_schema_extra=CHANGEABLE,
    )
    closed_network_addresses: bool = Field(
        False,
        description="Whether e-mail addresses may end in `.local`, as in networks that no mail "
        "from outside reaches.",
    )
    student_renames: bool = Field(
        True,
        description="Whether students may change their own names; the audit log keeps each.",
        json_schema_extra=CHANGEABLE,
    )
    sign_ups_per_minute: int = Field(
        60,
        ge=1,
        le=10000,
        description="Sign-ups from one network (an IPv4 address, an IPv6 /64) and minute.",
        json_schema_extra=CHANGEABLE,
    )
    hash_queue: int = Field(
        24,
        ge=2,
        le=1000,
        description="Passwords hashed or waiting for it at once per process; one more gets 503, "
        "and the same network or account from half of it on.",
    )
    bcrypt_rounds: int = Field(12, ge=4, le=16, description="Cost of password hashing (2^n).")
    access_token_minutes: int = Field(15, ge=1, le=1440, description="Life of an access token.")
    refresh_token_days: int = Field(30, ge=1, le=365, description="Life of a refresh token.")
    invitation_days: int = Field(
        14, ge=1, le=365, description="Life of a link with which a password is set."
    )
    login_tries_per_minute: int = Field(
        10,
        ge=1,
        le=10000,
        description="Sign-in attempts per account and minute, from one network (or one browser in "
        "which the account has signed in before).",
        json_schema_extra=CHANGEABLE,
    )
    login_failures_per_hour: int = Field(
        30,
        ge=1,
        le=10000,
        description="Wrong passwords per account and hour, from one network or known browser; from "
        "all networks together ten times as many.",
        json_schema_extra=CHANGEABLE,
    )
    mark_tries_per_minute: int = Field(
        10,
        ge=1,
        le=10000,
        description="Attempts to mark per student and minute.",
        json_schema_extra=CHANGEABLE,
    )
    join_tries_per_minute: int = Field(
        30,
        ge=1,
        le=10000,
        description="Attempts to join per student, and sessions followed per account, and minute.",
        json_schema_extra=CHANGEABLE,
    )
    enrol_tries_per_minute: int = Field(
        10,
        ge=1,
        le=10000,
        description="Enrolments of a face attempted per student and minute.",
        json_schema_extra=CHANGEABLE,
    )
    identify_tries_per_minute: int = Field(
        240,
        ge=1,
        le=10000,
        description="Identifications and registrations per teacher or device and minute.",
        json_schema_extra=CHANGEABLE,
    )
    unknown_students_per_hour: int = Field(
        100,
        ge=1,
        le=100000,
        description="Students of none of the own courses whom a teacher enrols, or marks by hand, "
        "by the bare number within an hour.",
    )
    face_taken_per_hour: int = Field(
        10,
        ge=1,
        le=10000,
        description="How often an account is told within an hour that a face is another "
        "student's; then its enrolments are refused.",
        json_schema_extra=CHANGEABLE,
    )
    check_tries_per_minute: int = Field(
        150, ge=1, le=10000, description="Pictures examined for hints per student and minute."
    )

    # -- mail (invitations; where no server is set, links are only shown)
    smtp_host: str | None = Field(None, description="SMTP server; unset: no e-mail is sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the SMTP server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is encrypted."
    )
    smtp_user: str | None = Field(
        None, description="User name at the SMTP server; unset: none is needed."
    )
    smtp_password: SecretStr | None = Field(None, description="Password at the SMTP server.")
    smtp_from: str | None = Field(None, description="Sender; unset: attendance@ the server.")
    mail_language: Literal["en", "de", "fr", "ar"] | None = Field(
        None,
        description="Language of e-mails to others; unset: the one in which whoever causes them "
        "sees the pages.",
        json_schema_extra=CHANGEABLE,
    )

    # -- sessions
    school_name: Annotated[str, AfterValidator(texts.line)] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="The school's name, on every page and in print; unset: none.",
        json_schema_extra=CHANGEABLE,
    )
    timezone: Zone = Field(
        "UTC",
        description="The school's IANA time zone, such as Europe/Berlin, for new courses.",
        json_schema_extra=CHANGEABLE,
    )
    first_steps: bool = Field(
        True,
        description="Whether administrators see on Today what is left to set up.",
        json_schema_extra=CHANGEABLE,
    )
    qr_step_seconds: int = Field(
        15,
        ge=3,
        le=300,
        description="How often the QR code changes. A scan counts while its code or the next one "
        "is shown; the reservation it gives lives on.",
    )
    session_code_seconds: int = Field(
        300,
        ge=0,
        le=86400,
        description="How often the code to type changes, where the teacher chose none; the one "
        "before still counts. 0: it is the same all session.",
        json_schema_extra=CHANGEABLE,
    )
    join_minutes: int = Field(
        5, ge=1, le=60, description="Life of a reservation and of a join token."
    )
    challenge_seconds: int = Field(
        60,
        ge=10,
        le=600,
        description="Seconds in which a student turns the head as asked, in courses that want it.",
        json_schema_extra=CHANGEABLE,
    )
    challenge_steps: int = Field(
        3,
        ge=3,
        le=5,
        description="How many steps are asked, each a picture, and of three the page asks for a "
        "turn more. A clip that runs round and round fits three or four every sixth time, five "
        "every eighth; each takes a second or two.",
        json_schema_extra=CHANGEABLE,
    )
    challenge_tries_per_hour: int = Field(
        10,
        ge=1,
        le=10000,
        description="How often a student is asked anew within an hour, where turning the head is "
        "enforced: guessing must not go on until it fits.",
        json_schema_extra=CHANGEABLE,
    )
    picture_memory_days: int = Field(
        180,
        ge=1,
        le=3650,
        description="Days for which the fingerprint of a picture that was used is kept: a term. "
        "`flask purge` deletes older ones.",
        json_schema_extra=CHANGEABLE,
    )
    note_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days for which the picture of a note is kept after the last decision about "
        "the request; a year where nobody decides. `flask purge` deletes older ones.",
        json_schema_extra=CHANGEABLE,
    )
    session_minutes: int = Field(
        90,
        ge=1,
        le=1440,
        description="Minutes after which a session ends by itself, where neither the start nor a"
        " plan says when.",
        json_schema_extra=CHANGEABLE,
    )
    left_early_minutes: int = Field(
        5,
        ge=0,
        le=1440,
        description="Who leaves more minutes than this before a session ends has left early.",
        json_schema_extra=CHANGEABLE,
    )
    late_after_minutes: int | None = Field(
        None,
        ge=0,
        le=1440,
        description="Minutes after which a mark is late, for sessions that do not say.",
        json_schema_extra=CHANGEABLE,
    )
    risk_after_sessions: int = Field(
        3,
        ge=1,
        le=100,
        description="Sessions that must have counted for a student before pages call him or her "
        "at risk.",
        json_schema_extra=CHANGEABLE,
    )

    # -- faces
    face_engine: Literal["openvino", "torch"] = Field(
        "openvino", description="What runs the networks."
    )
    face_networks: Networks = Field(
        DEFAULT_NETWORKS,
        description="Networks that compare faces: vggface2 (FaceNet alone), sface (SFace alone, "
        "free for every use), or both in one.",
    )
    face_mode: Literal["fast", "exact"] = Field(
        "fast", description="Fast, or the reference's full pyramid in f32."
    )
    face_precision: Literal["auto", "f32", "bf16", "int8"] = Field(
        "auto",
        description="Precision of the networks; auto: int8 where the CPU has VNNI or AMX, else "
        "bf16 where it has that, else f32 (docs/performance.md).",
    )
    face_queue: int = Field(
        48, ge=1, le=2000, description="Pictures analysed or waiting at once; one more gets 503."
    )
    face_process: bool | str = Field(
        True,
        description="Where the networks run. true: in a process of their own, so that they and "
        "the requests do not wait for each other (not on Windows); false: in the server's. An "
        "address: where `python -m facerecog serve` answers, for all servers that name it: "
        "unix:/path on this host, tls://host:port on another (docs/deployment.md).",
    )
    face_secret: SecretStr | None = Field(
        None,
        min_length=SHORTEST_SECRET,
        description="What the servers and the recogniser at the address of FACE_PROCESS both "
        "know; needed with tls://.",
    )
    face_fingerprint: Annotated[str, AfterValidator(addresses.fingerprint)] | None = Field(
        None,
        description="SHA-256 fingerprint of that recogniser's certificate, as it says it when it "
        "starts; needed with tls://.",
    )
    face_threads: int = Field(
        0, ge=0, le=256, description="Threads for the networks; 0: one per core."
    )
    face_metric: Literal["euclidean", "cosine"] = Field(
        "euclidean", description="Distance that is reported; thresholds are Euclidean with both."
    )
    face_fmr: float = Field(
        0.0001,
        ge=0.00001,
        le=0.001,
        description="Part of strangers who would pass as a student: 0.001, 0.0001 or 0.00001.",
        json_schema_extra=CHANGEABLE,
    )
    identify_fpir: float = Field(
        0.01,
        ge=0.001,
        le=0.1,
        description="Part of strangers to whom a search may give a student's name.",
        json_schema_extra=CHANGEABLE,
    )
    face_threshold: float | None = Field(
        None,
        gt=0,
        le=2,
        description="Largest distance of a student's own face, by hand; unset: by FACE_FMR.",
        json_schema_extra=CHANGEABLE,
    )
    face_taken_threshold: float | None = Field(
        None,
        gt=0,
        le=2,
        description="A new face nearer than this to another student's is refused; unset: by the "
        "number of faces.",
        json_schema_extra=CHANGEABLE,
    )
    face_same_threshold: float | None = Field(
        None,
        gt=0,
        le=2,
        description="Largest distance between the pictures of one enrolment; unset: one pair of "
        "people in 1,000 passes as one person.",
        json_schema_extra=CHANGEABLE,
    )
    identify_threshold: float | None = Field(
        None,
        gt=0,
        le=2,
        description="Largest distance at which a search names somebody, by hand; unset: by "
        "IDENTIFY_FPIR, the number of faces and the gap to the second.",
        json_schema_extra=CHANGEABLE,
    )
    identify_margin: float | None = Field(
        None,
        ge=0,
        le=2,
        description="How much nearer the best match must be than the second at least; unset: as "
        "IDENTIFY_FPIR says, or 0.1 where IDENTIFY_THRESHOLD is set.",
        json_schema_extra=CHANGEABLE,
    )
    confirm_first_enrolments: bool = Field(
        False,
        description="Whether a student's first face counts only when a teacher or administrator "
        "has confirmed it. One that takes the place of another face and does not resemble it "
        "always waits for that.",
        json_schema_extra=CHANGEABLE,
    )
    keep_photos: bool = Field(
        False,
        description="Whether enrolment photographs are kept (encrypted).",
        json_schema_extra=CHANGEABLE,
    )

    # -- cameras in rooms
    cameras: int = Field(
        4, ge=1, le=64, description="Cameras that each process serves at once; one more gets 503."
    )
    camera_min_face: int = Field(
        24,
        ge=20,
        le=200,
        description="Smallest face that a camera's frame is searched for, pixels; half the size is "
        "four times the work.",
    )
    camera_crop_minutes: int = Field(
        60,
        ge=0,
        le=1440,
        description="How long the small picture of an uncertain face waits, encrypted, for the "
        "teacher, at most until the session ends; 0: none is kept.",
        json_schema_extra=CHANGEABLE,
    )

    # -- what is kept
    template_retention_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="`flask purge` deletes templates unused for so many days; unset: none.",
        json_schema_extra=CHANGEABLE,
    )
    deleted_student_marks: Literal["anonymise", "remove"] = Field(
        "anonymise",
        description="What happens to the marks of a student who is deleted.",
        json_schema_extra=CHANGEABLE,
    )

    # -- telling people by push
    web_push: bool = Field(
        True,
        description="Whether people may be told by push, in browsers in which they ask for it. "
        "What is said goes sealed through the server of the browser's maker.",
        json_schema_extra=CHANGEABLE,
    )
    push_services: Annotated[list[str], NoDecode] = Field(
        [
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            "*.push.apple.com",
            "*.notify.windows.com",
        ],
        description="Push services to which anything is sent, comma separated: hosts, `*.` for all "
        "below one, `:` and a port if it is not 443.",
    )

    # -- notices about absences
    notice_reply_to: str | None = Field(
        None,
        max_length=254,
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="Address to which answers to these messages go; unset: to SMTP_FROM.",
        json_schema_extra=CHANGEABLE,
    )
    notice_quiet_from: int = Field(
        20,
        ge=0,
        le=23,
        description="Hour of the course's clock from which on these messages wait.",
        json_schema_extra=CHANGEABLE,
    )
    notice_quiet_until: int = Field(
        7,
        ge=0,
        le=23,
        description="Hour at which they are sent again; the same as the other: they never wait.",
        json_schema_extra=CHANGEABLE,
    )

    digest_weekday: zones.Weekday = Field(
        "mon",
        description="Weekday on which teachers who want it are written to about their week.",
        json_schema_extra=CHANGEABLE,
    )
    digest_hour: int = Field(
        7,
        ge=0,
        le=23,
        description="Hour of the school's clock (TIMEZONE) at which that is sent.",
        json_schema_extra=CHANGEABLE,
    )

    # -- webhooks
    webhook_private_network: bool = Field(
        False,
        description="Whether webhooks may reach private addresses, such as the school's own "
        "network, and this machine; the server's own ports they never reach.",
    )
    webhook_link_local: bool = Field(
        False,
        description="Whether webhooks may reach link-local and cloud metadata addresses.",
    )

    # -- timetables
    timetable_hours: int = Field(
        6,
        ge=0,
        le=168,
        description="How often the address of a timetable is asked again by itself; 0: never. It "
        "reaches what webhooks may reach.",
    )

    @field_validator("cors_origins", "push_services", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("redis_url")
    @classmethod
    def _says_where_redis_is(cls, value: str | None) -> str | None:
        if value is not None:
            redis_hosts.watched(value)
        return value

    @field_validator("face_process", mode="before")
    @classmethod
    def _switch_or_address(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = {"true": True, "1": True, "yes": True, "on": True}
        words |= {"false": False, "0": False, "no": False, "off": False}
        switch = words.get(value.strip().lower())
        return str(addresses.read(value.strip())) if switch is None else switch

    @model_validator(mode="after")
    def _recogniser_is_known(self) -> Settings:
        far = isinstance(self.face_process, str) and self.face_process.startswith("tls:")
        if far and not (self.face_secret and self.face_fingerprint):
            raise ValueError(
                "FACE_PROCESS=tls://… needs FACE_SECRET and FACE_FINGERPRINT: without them anybody "
                "could answer"
            )
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Settings:
        if (self.database_tls == "verify") != (self.database_tls_ca is not None):
            raise ValueError("DATABASE_TLS=verify and DATABASE_TLS_CA belong together")
        if (self.database_tls_cert is None) != (self.database_tls_key is None):
            raise ValueError("DATABASE_TLS_CERT and DATABASE_TLS_KEY belong together")
        return self

    @model_validator(mode="after")
    def _workers_hear_each_other(self) -> Settings:
        if self.workers > 1 and self.redis_url is None:
            raise ValueError(
                f"WORKERS={self.workers} needs REDIS_URL: without it, what one process does the "
                "sockets of the others never hear"
            )
        return self

    @property
    def database_options(self) -> DatabaseOptions:
        """How the database is opened."""
        return DatabaseOptions(
            pool_size=self.database_pool_size,
            pool_timeout=self.database_pool_timeout,
            connect_timeout=self.database_connect_timeout,
            lock_timeout=self.database_lock_timeout,
            answer_timeout=self.database_answer_timeout,
            tls=self.database_tls,
            tls_ca=self.database_tls_ca,
            tls_cert=self.database_tls_cert,
            tls_key=self.database_tls_key,
        )

    @property
    def local_url(self) -> str:
        """Where the server is reached as far as the settings tell, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        everywhere = ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104  # compared with, not bound to
        host = "localhost" if self.host in everywhere else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def path(self) -> str:
        """Where the installation stands below its host, as PUBLIC_URL says: `/attendance`, or
        nothing at the root."""
        return urlsplit(self.public_url or "").path.rstrip("/")

    @property
    def database(self) -> str:
        """The database's URL, with the default filled in."""
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.instance_dir / 'attendance.db').resolve()}"

    @classmethod
    def load(cls, **values: object) -> Settings:
        """Read the settings; `values` win over the environment.

        Raises:
            SettingsInvalid: with one line per wrong setting.
        """
        try:
            return cls(**values)  # type: ignore[arg-type]  # checked by pydantic at run time
        except ValidationError as error:
            lines = [
                ": ".join(
                    [
                        *(str(part).upper() for part in item["loc"][:1]),
                        item["msg"].removeprefix("Value error, "),
                    ]
                )
                for item in error.errors()
            ]
            raise SettingsInvalid("; ".join(lines)) from error
