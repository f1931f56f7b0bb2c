"""The pages as an app that can be installed: manifest, service worker, a page for offline."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask_babel import force_locale, gettext

from attendance.pages.blueprint import bp
from attendance.pages.start import LanguagePath
from attendance.web import languages
from attendance.web.assets import asset, static_text, static_version
from attendance.web.current import services

BLUE, WHITE = "#0172ad", "#ffffff"
# What the page that is shown offline needs, and nothing else is ever kept.
SHELL = (
    "tokens.css",
    "app.css",
    "rtl.css",
    "icons.svg",
    "icon.svg",
    "js/common/early.js",
    "js/common/offline.js",
)
LIBRARIES = ("vendor/pico/pico.min.css",)


@bp.get("/manifest/<language>.webmanifest", doc_ui=False)
def manifest(path: LanguagePath) -> Response:
    """What a phone shows of the installed app, in a language, with the school's name."""
    language = _known(path.language)
    root = request.script_root
    with force_locale(language):
        name = gettext("Attendance")
    school = services().settings.school_name
    described: dict[str, Any] = {
        "id": f"{root}/",
        "name": f"{name} · {school}" if school else name,
        "short_name": name,
        "start_url": f"{root}/",
        "scope": f"{root}/",
        "display": "standalone",
        "lang": language,
        "dir": languages.direction(language),
        "theme_color": BLUE,
        "background_color": WHITE,
        "icons": [
            {"src": asset("icon.svg"), "type": "image/svg+xml", "sizes": "any"},
            *(
                {"src": asset(f"icons/icon-{side}.png"), "type": "image/png", "sizes": sizes}
                for side, sizes in ((192, "192x192"), (512, "512x512"))
            ),
            {
                "src": asset("icons/icon-full-512.png"),
                "type": "image/png",
                "sizes": "512x512",
                "purpose": "maskable",
            },
        ],
    }
    return Response(json.dumps(described), mimetype="application/manifest+json")


@bp.get("/kiosk.webmanifest", doc_ui=False)
def kiosk_manifest() -> Response:
    """The same for a tablet at a door: it fills the screen, and opens the kiosk."""
    root = request.script_root
    name = gettext("Kiosk")
    described: dict[str, Any] = {
        "id": f"{root}/kiosk",
        "name": f"{gettext('Attendance')} · {name}",
        "short_name": name,
        "start_url": f"{root}/kiosk",
        "scope": f"{root}/kiosk",
        "display": "fullscreen",
        "theme_color": BLUE,
        "background_color": WHITE,
        "icons": [{"src": asset("icon.svg"), "type": "image/svg+xml", "sizes": "any"}],
    }
    return Response(json.dumps(described), mimetype="application/manifest+json")


@bp.get("/service-worker/<language>.js", doc_ui=False)
def service_worker(path: LanguagePath) -> Response:
    """The script that shows a page of its own where there is no network, and pushed messages.

    It keeps what `SHELL` names and the page for offline, which is about nobody: never an answer of
    the API, never a page that somebody has signed in to see.
    """
    language = _known(path.language)
    offline = url_for("pages.offline", language=language)
    kept = [offline, *(asset(name) for name in (*SHELL, *LIBRARIES))]
    facts = {
        "version": f"{static_version()}-{language}",
        "offline": offline,
        "kept": kept,
        "root": request.script_root,
        "icon": asset("icons/icon-192.png"),
        "language": language,
        "direction": languages.direction(language),
        "words": _words(language),
    }
    text = f"const FACTS = {json.dumps(facts)};\n{static_text('js/service_worker.js')}"
    response = Response(text, content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = f"{request.script_root}/"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _words(language: str) -> dict[str, str]:
    """What a pushed message says, by its kind and, of a decision, how it went."""
    with force_locale(language):
        return {
            "session_started": gettext("{subject} has started."),
            "appeal_decided accepted": gettext(
                "Your teacher has accepted what you wrote about {subject}."
            ),
            "appeal_decided rejected": gettext(
                "Your teacher has rejected what you wrote about {subject}."
            ),
            "absence_decided accepted": gettext("Your request to be excused was accepted."),
            "absence_decided rejected": gettext("Your request to be excused was rejected."),
            "request_decided accepted": gettext("You are in {subject} now."),
            "request_decided rejected": gettext("Your teacher did not let you into {subject}."),
            "appeal_made": gettext("A student has written to you about {subject}."),
            "request_made": gettext("A student asks to be let into {subject}."),
            "teacher_waits": gettext("A teacher waits for your approval."),
            "other": gettext("There is news for you."),
        }


@bp.get("/offline/<language>", doc_ui=False)
def offline(path: LanguagePath) -> Response:
    """What is shown without a network. It is kept by browsers, so it is about nobody."""
    with force_locale(_known(path.language)):
        text = render_template("offline.html", viewer=None, navigation=(), role=None)
    return Response(text, content_type="text/html; charset=utf-8")


def _known(language: str) -> str:
    if language not in languages.languages():
        abort(404)
    return language
