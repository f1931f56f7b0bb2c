"""Without a face: a PIN or a passkey with a scan, where a course allows it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.test import TestResponse

from attendance.core.services import Services
from tests.conftest import PASSWORD, Api, FakeClock, Person, code_of, picture

pytestmark = pytest.mark.any_database
ORIGIN = "http://localhost"
PIN = "482913"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Phone:
    """An authenticator: makes one passkey and signs with it (WebAuthn, ES256)."""

    def __init__(self, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(origin.encode()).digest()
        self.count = 0

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, rp: str, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        public = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: public.x.to_bytes(32, "big"),
            -3: public.y.to_bytes(32, "big"),
        }
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], 0x45) + attested
        return {
            "id": b64(self.id),
            "rawId": b64(self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": b64(self._client("webauthn.create", options)),
                "attestationObject": b64(
                    cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
                ),
            },
        }

    def sign(self, options: dict[str, Any]) -> str:
        client, data = self._client("webauthn.get", options), self._data(options["rpId"], 0x05)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signed),
            "userHandle": None,
        }
        whole = {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key"}
        return json.dumps({**whole, "response": answer})


class Lesson:
    def __init__(self, api: Api, parts: Services, clock: FakeClock, face: str) -> None:
        self.api, self.parts, self.clock = api, parts, clock
        self.teacher, self.student = api.teacher(), api.student("obama")
        made = api.post("/course", self.teacher, json={"code": "M", "name": "A"})
        self.course = made.json["course"]["id"]
        api.call("PATCH", f"/course/{self.course}", self.teacher, json={"check_in": {"face": face}})
        body = {"student_id": self.student.row["student_id"]}
        api.post(f"/course/{self.course}/students", self.teacher, json=body)
        self.session = api.session(self.teacher, course_id=self.course)

    def join(self, **body: str) -> dict[str, Any]:
        scanned = {"ticket": self.parts.tickets.ticket(self.session["id"], self.clock.now())}
        answer = self.api.post("/session/join", self.student, json=body or scanned)
        joined: dict[str, Any] = answer.json
        return joined

    def mark(self, joined: dict[str, Any], *pictures: bytes, **fields: str) -> TestResponse:
        token = joined["join_token"]
        return self.api.upload("/session/mark", self.student, *pictures, join_token=token, **fields)

    def set_pin(self) -> None:
        body = {"pin": PIN, "password": PASSWORD}
        assert self.api.call("PUT", "/student/pin", self.student, json=body).status_code == 204

    def add_passkey(self, phone: Phone) -> TestResponse:
        asked = self.api.post("/student/passkeys/options", self.student).json
        body = {"credential": phone.make(asked["options"]), "state": asked["state"]}
        return self.api.post("/student/passkeys", self.student, json=body)

    def listed(self) -> tuple[str, list[str]]:
        path = f"/session/attendance?session_id={self.session['id']}"
        [row] = self.api.get(path, self.teacher).json["attendance"]
        return row["method"], row["evidence"]


@pytest.fixture
def lesson(api: Api, parts: Services, clock: FakeClock) -> Lesson:
    return Lesson(api, parts, clock, "optional")


def test_a_pin_with_a_scan_marks(lesson: Lesson) -> None:
    lesson.set_pin()
    joined = lesson.join()
    assert (joined["face"], joined["passkey"]) == ("optional", None)
    assert code_of(lesson.mark(joined, pin="000000")) == (403, "pin_wrong")
    assert lesson.mark(joined, pin=PIN).json["status"] == "present"
    assert lesson.listed() == ("qr", ["scan", "pin"])
    assert lesson.mark(lesson.join(), pin=PIN).json["already"] is True


def test_a_pin_needs_the_scan_and_the_password(lesson: Lesson) -> None:
    wrong = {"pin": PIN, "password": "not this one"}
    refused = lesson.api.call("PUT", "/student/pin", lesson.student, json=wrong)
    assert code_of(refused) == (401, "login_failed")
    short = {"pin": "123", "password": PASSWORD}
    assert lesson.api.call("PUT", "/student/pin", lesson.student, json=short).status_code == 400
    lesson.set_pin()
    typed = lesson.join(code=lesson.session["code"])
    assert code_of(lesson.mark(typed, pin=PIN)) == (403, "scan_required")


def test_ten_wrong_pins_are_enough(lesson: Lesson) -> None:
    joined = lesson.join()
    for _ in range(10):
        assert code_of(lesson.mark(joined, pin="000000")) == (403, "pin_wrong")
    assert code_of(lesson.mark(joined, pin="000000")) == (429, "too_many_tries")


def test_a_passkey_with_a_scan_marks_once(lesson: Lesson) -> None:
    phone = Phone()
    assert lesson.add_passkey(phone).status_code == 201
    joined = lesson.join()
    asked = joined["passkey"]
    sent = {"passkey": phone.sign(asked["options"]), "passkey_state": asked["state"]}
    assert lesson.mark(joined, **sent).json["status"] == "present"
    assert lesson.listed() == ("qr", ["scan", "passkey"])
    assert code_of(lesson.mark(joined, **sent)) == (403, "passkey_invalid")


def test_a_passkey_of_another_origin_or_student_does_not_mark(lesson: Lesson) -> None:
    far = Phone("https://elsewhere.example")
    assert code_of(lesson.add_passkey(far)) == (403, "passkey_invalid")
    phone = Phone()
    lesson.add_passkey(phone)
    asked = lesson.join()["passkey"]
    phone.origin = "https://elsewhere.example"
    sent = {"passkey": phone.sign(asked["options"]), "passkey_state": asked["state"]}
    assert code_of(lesson.mark(lesson.join(), **sent)) == (403, "passkey_invalid")
    other = Phone()
    asked = lesson.join()["passkey"]
    sent = {"passkey": other.sign(asked["options"]), "passkey_state": asked["state"]}
    assert code_of(lesson.mark(lesson.join(), **sent)) == (403, "passkey_invalid")


def test_a_course_says_whether_a_face_is_needed(
    api: Api, parts: Services, clock: FakeClock
) -> None:
    needs = Lesson(api, parts, clock, "required")
    needs.set_pin()
    assert code_of(needs.mark(needs.join(), pin=PIN)) == (403, "face_required")
    path = f"/course/{needs.course}"
    api.call("PATCH", path, needs.teacher, json={"check_in": {"face": "off"}})
    joined = needs.join()
    assert code_of(needs.mark(joined, picture("obama2"))) == (403, "key_required")
    assert needs.mark(joined, pin=PIN).status_code == 200


def test_who_chooses_the_face_marks_as_ever(lesson: Lesson) -> None:
    assert lesson.mark(lesson.join(), picture("obama2")).status_code == 200
    assert lesson.listed() == ("qr_face", ["scan", "face"])


def test_keys_are_the_students_own_and_can_be_removed(lesson: Lesson) -> None:
    lesson.set_pin()
    phone = Phone()
    passkey = lesson.add_passkey(phone).json["passkey"]
    own = lesson.api.get("/student/keys", lesson.student).json
    assert (own["pin"], [each["id"] for each in own["passkeys"]]) == (True, [passkey["id"]])
    path = f"/student/passkeys/{passkey['id']}"
    stranger: Person = lesson.api.student()
    assert code_of(lesson.api.call("DELETE", path, stranger)) == (404, "passkey_not_found")
    assert lesson.api.call("DELETE", path, lesson.student).status_code == 204
    assert lesson.api.call("DELETE", "/student/pin", lesson.student).status_code == 204
    own = lesson.api.get("/student/keys", lesson.student).json
    assert own == {"pin": False, "passkeys": []}
