"""The web application: HTTP, Socket.IO, pages, and the rules of attendance."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from flask_openapi3 import Info, OpenAPI

from attendance import admin, pages
from attendance.accounts import gate, guard
from attendance.accounts.browsers import Browsers
from attendance.accounts.first_pins import FirstPins
from attendance.accounts.hashing import Hashing
from attendance.accounts.invitations import Invitations
from attendance.accounts.student_keys import Passkeys
from attendance.accounts.views import exports, forgotten, student, student_keys, teacher, tokens
from attendance.admission.attempts import Attempts
from attendance.admission.control import Places
from attendance.admission.shares import Uploads
from attendance.commands import databases
from attendance.core import emails
from attendance.core.clock import Clock
from attendance.core.mail import Mailer
from attendance.core.services import Services
from attendance.core.settings import Settings
from attendance.core.stored_settings import StoredSettings
from attendance.corrections.views import absence, appeal, by_hand, excuse, roll_call, waiting
from attendance.courses.views import asked, course, enrolled, enrolment, reasons, staff
from attendance.crypto.keys import (
    derived_key,
    encryption_keys,
    encryption_keys_changed,
    installation_id,
    signing_key,
)
from attendance.crypto.tokens import Signer
from attendance.crypto.vault import Vault
from attendance.crypto.web_push import Voucher
from attendance.faces.gallery import Faces
from attendance.faces.networks import networks
from attendance.faces.views import identify, pairs
from attendance.faces.views import own as own_face
from attendance.live import sockets
from attendance.notices.views import digest, guardian
from attendance.operation import health, metrics
from attendance.planning.views import feed, plan, school_days
from attendance.push.views import own as own_push
from attendance.push.views import teachers as teachers_push
from attendance.reports.views import (
    course_report,
    record,
    search,
    session_report,
    student_report,
    tutor,
)
from attendance.room.cameras import Cameras
from attendance.room.views import camera, kiosk, photograph
from attendance.sessions.tickets import Tickets
from attendance.sessions.views import (
    asking,
    change,
    enrolments,
    leaving,
    refused,
    session,
    spot_check,
)
from attendance.sessions.views import own as own_sessions
from attendance.timetables.views import timetable
from attendance.web import (
    apidocs,
    assets,
    headers,
    languages,
    logs,
    problems,
    proxies,
    routes,
    schemas,
)
from attendance.web.current import EXTENSION, services_of
from attendance.web.uploads import allow_images
from database import Database
from facerecog import Asking, Recognizer
from facerecog.processors import available_cores

__version__ = "1.1.0"


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    recognizer: Recognizer | None = None,
) -> OpenAPI:
    """Build the application.

    Args:
        settings: unset: from the environment and `.env`.
        clock: what tells the time; tests bring their own.
        recognizer: the loaded networks; unset: they are loaded when first needed, or by
            `Faces.warm_up`.

    Raises:
        SettingsInvalid: with a sentence for the person at the terminal.
    """
    settings = settings or Settings.load()
    app = apidocs.Described(
        __name__,
        info=Info(title="Attendance", version=__version__),
        security_schemes=apidocs.SECURITY_SCHEMES,
        validation_error_status=400,
        validation_error_model=schemas.ProblemOut,
        validation_error_callback=problems.invalid_fields,
        doc_ui=False,
    )
    app.config["VERSION"] = __version__
    app.extensions[EXTENSION] = _open(settings, clock or Clock(), recognizer)
    app.json = problems.Json(app)
    logs.configure(settings.log_level)
    emails.allow_closed_networks(settings.closed_network_addresses)
    for module in (
        routes,
        logs,
        headers,
        problems,
        languages,
        assets,
        apidocs,
        guard,
        gate,
        sockets,
        databases,
    ):
        module.init_app(app)
    places = Places(
        app.wsgi_app,
        settings.threads,
        settings.sockets,
        is_leaving=services_of(app).leaving.is_set,
    )
    # outermost: sockets, too, are told where a request comes from
    app.wsgi_app = proxies.behind(places, settings.trusted_proxies, settings.path)  # type: ignore[method-assign]
    metrics.init_app(app, places)
    for blueprint in (
        tokens,
        exports,
        teacher,
        student,
        own_face,
        student_keys,
        own_push,
        teachers_push,
        own_sessions,
        course,
        reasons,
        staff,
        asked,
        asking,
        refused,
        waiting,
        forgotten,
        enrolment,
        enrolled,
        spot_check,
        session,
        leaving,
        change,
        by_hand,
        roll_call,
        appeal,
        absence,
        excuse,
        guardian,
        digest,
        feed,
        plan,
        school_days,
        timetable,
        course_report,
        student_report,
        session_report,
        tutor,
        record,
        search,
        enrolments,
        identify,
        pairs,
        camera,
        photograph,
        kiosk,
        admin,
        health,
        pages,
    ):
        app.register_api(blueprint.bp)

    @app.before_request
    def small_unless_said_otherwise() -> None:
        allow_images(0)

    @app.before_request
    def with_stored_settings() -> None:
        # /health answers also without a database, and without waiting for one
        if request.blueprint != health.bp.name:
            services_of(app).stored_settings.refresh_if_old()

    return app


def _open(settings: Settings, clock: Clock, recognizer: Recognizer | None) -> Services:
    vault = Vault(encryption_keys(settings), encryption_keys_changed(settings))
    database = Database(settings.database, settings.database_options)

    def load() -> Recognizer | Asking:
        return recognizer if recognizer is not None else networks(settings)

    return Services(
        settings=settings,
        clock=clock,
        database=database,
        vault=vault,
        tickets=Tickets(
            derived_key(signing_key(settings), "qr"),
            settings.qr_step_seconds,
            settings.join_minutes,
        ),
        invitations=Invitations(
            derived_key(signing_key(settings), "invitation"),
            timedelta(days=settings.invitation_days),
        ),
        first_pins=FirstPins(
            derived_key(signing_key(settings), "first pin"),
            timedelta(days=settings.invitation_days),
        ),
        mailer=Mailer(settings),
        faces=Faces(settings, database, vault, load),
        attempts=Attempts(settings.redis_url, installation_id(settings)),
        uploads=Uploads(settings.face_queue, settings.threads),
        browsers=Browsers(derived_key(signing_key(settings), "browser")),
        hashing=Hashing(_hash_threads(settings), settings.hash_queue, settings.bcrypt_rounds),
        stored_settings=StoredSettings(settings, database, clock),
        cameras=Cameras(settings.cameras),
        passkeys=Passkeys(derived_key(signing_key(settings), "passkey")),
        voucher=Voucher(derived_key(signing_key(settings), "push")),
        digest_links=Signer(derived_key(signing_key(settings), "digest"), "digest"),
    )


def _hash_threads(settings: Settings) -> int:
    """Fewer than the cores, which the workers share; one at least."""
    return max(1, (available_cores() - 1) // settings.workers)
