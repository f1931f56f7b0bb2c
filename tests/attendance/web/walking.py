"""A school with one of everything, and a fitting request for every call of the description."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_openapi3 import OpenAPI
from werkzeug.test import TestResponse

from attendance.core.services import Services
from database import proposals, sightings, student_keys
from database.faces import NewTemplate
from tests.attendance.school import course_of, enrol
from tests.attendance.timetables.calendars import berlin, calendar, send
from tests.conftest import Api, Person, code_of

METHODS = ("get", "post", "put", "patch", "delete")
MARKER = "Ottokar"
"""Stands in every name and text of what belongs to somebody: strangers must never read it."""
MISSING = 987_654_321
WEEKLY = {
    "days": ["mon"],
    "start_time": "09:00",
    "duration_minutes": 60,
    "from": "2026-03-02",
    "to": "2026-06-30",
}


@dataclass
class School:
    """Who is there, and one of everything that belongs to `owner` and `pupil`."""

    api: Api
    parts: Services
    admin: Person = field(init=False)
    owner: Person = field(init=False)
    pupil: Person = field(init=False)
    teacher: Person = field(init=False)
    """Another one, who has nothing."""
    student: Person = field(init=False)
    """Another one, who is in no course."""
    ids: dict[str, Any] = field(init=False)
    """By the names that parameters and fields have for them."""

    def __post_init__(self) -> None:
        api = self.api
        self.admin = api.teacher()
        self.owner = api.teacher(name=f"{MARKER} Owner")
        self.pupil = api.student(name=f"{MARKER} Pupil")
        self.teacher, self.student = api.teacher(), api.student()
        self.ids = self._of_a_course() | self._of_the_office() | self._inserted()

    def _of_a_course(self) -> dict[str, Any]:
        api, owner, pupil = self.api, self.owner, self.pupil
        course = course_of(api, owner, name=f"{MARKER} Algebra", code="OTTO-1")
        enrol(api, owner, course, pupil)
        path = f"/course/{course['id']}"
        asks = self._made("/session/start", owner, subject=MARKER, course_id=course["id"])
        session = asks["session"]["id"]
        body = {"student_id": pupil.row["student_id"], "from": "2026-03-02", "reason": MARKER}
        self._made("/session/ask-in", api.student(), 202, code=asks["session"]["code"])
        [request] = api.get(f"{path}/requests", owner).json["requests"]
        lessons = calendar(berlin("a", "20260309", 9, summary="OTTO-1"))
        timetable = send(api, owner, lessons, name=MARKER).json["timetable"]
        return {
            "course_id": course["id"],
            "session_id": session,
            "plan_id": self._made(f"{path}/plans", owner, **WEEKLY)["plan"]["id"],
            "excuse_id": self._made(f"{path}/excuses", owner, **body)["excuse"]["id"],
            "appeal_id": self._made(f"/session/{session}/appeal", pupil, reason=MARKER)["appeal"][
                "id"
            ],
            "absence_id": self._made("/absence", pupil, **{"from": "2026-03-09", "reason": MARKER})[
                "absence"
            ]["id"],
            "request_id": request["id"],
            "timetable_id": timetable["id"],
        }

    def _of_the_office(self) -> dict[str, Any]:
        admin = self.admin
        days = {"name": MARKER, "from": "2026-04-01", "to": "2026-04-10"}
        self._made("/admin/terms", admin, **days)
        self._made("/admin/rooms", admin, name=MARKER, networks=[])
        reason = {"name": "Ill", "code": "I", "status": "excused"}
        assert self.api.post("/admin/reasons", admin, json=reason).status_code == 201
        key = self._made("/admin/api-keys", admin, name=MARKER, scopes=["students:read"])
        hook = {"url": "https://hooks.example/", "events": ["attendance_marked"]}
        return {
            "key_id": key["api_key"]["id"],
            "webhook_id": self._made("/admin/webhooks", admin, **hook)["webhook"]["id"],
            "number": self._made("/admin/holidays", admin, **days)["holiday"]["id"],
            "teacher_id": self.owner.row["id"],
            "student": self.pupil.row["id"],
            "student_id": self.pupil.row["student_id"],
        }

    def _inserted(self) -> dict[str, Any]:
        """What takes a camera or a phone to make."""
        pupil, now = int(self.pupil.row["id"]), self.parts.clock.now()
        template = NewTemplate("key", b"data", "model", 0.9, None)
        seen = sightings.NewSighting("c", "uncertain", (0, 0, 1, 1), None, None, None, [(pupil, 1)])
        key = {"credential": "c", "credential_hash": "h", "public_key": "p", "name": MARKER}
        with self.parts.database.write() as tx:
            proposals.put(tx, pupil, [proposals.Proposed(template, None, None)], now)
            [waiting] = proposals.waiting(tx, None, now)
            session = tx.scalar("SELECT MAX(id) FROM sessions")
            return {
                "proposal": waiting["id"],
                "sighting": sightings.add(tx, int(session), seen, now),
                "passkey": student_keys.add_passkey(tx, pupil, sign_count=0, now=now, **key),
            }

    def _made(self, path: str, by: Person, status: int = 201, **body: Any) -> Any:
        answer = self.api.post(path, by, json=body)
        assert answer.status_code == status, answer.text
        return answer.json

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that is stored, but for the refusals that are kept for the teacher."""
        with self.parts.database.read() as tx:
            names = tx.all(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                " AND name NOT IN ('refusals', 'sqlite_sequence')"
            )
            return {row["name"]: tx.all(f"SELECT * FROM {row['name']}") for row in names}  # noqa: S608  # the database's own names


@dataclass(frozen=True)
class Operation:
    """One call of the description."""

    method: str
    path: str
    described: dict[str, Any]
    schemas: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def needs_token(self) -> bool:
        return bool(self.described.get("security"))

    @property
    def names(self) -> set[str]:
        """Of parameters and fields, those that may be left out included."""
        return {each["name"] for each in self.described.get("parameters", [])} | set(self._fields())

    @property
    def needs_body(self) -> bool:
        return bool(self.described.get("requestBody", {}).get("required"))

    @property
    def content(self) -> str | None:
        """The type of the body."""
        return next(iter(self.described.get("requestBody", {}).get("content", {})), None)

    def send(
        self, api: Api, by: Person | str | None, ids: dict[str, Any], **how: Any
    ) -> TestResponse:
        """A request that fits, with these ids wherever they can be named."""
        path = re.sub(r"\{(\w+)\}", lambda found: str(ids.get(found[1], MISSING)), self.path)
        query = {
            each["name"]: self._value(each["name"], each["schema"], ids)
            for each in self.described.get("parameters", [])
            if each["in"] == "query"
            and (each.get("required") or each["name"] in ids or (str(self), each["name"]) in NEEDED)
        }
        body = {
            name: self._value(name, schema, ids)
            for name, schema in self._fields().items()
            if name in self._required() or name in ids or name == "image"
        }
        sent: dict[str, Any] = {"query_string": query}
        if self.content == "application/json":
            sent["json"] = body
        elif self.content is not None:
            sent |= {"data": body, "content_type": self.content}
        return api.call(self.method.upper(), path, by, **{**sent, **how})

    def _schema(self) -> dict[str, Any]:
        if self.content is None:
            return {}
        found: dict[str, Any] = self.described["requestBody"]["content"][self.content]["schema"]
        return self._resolved(found)

    def _fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = self._schema().get("properties", {})
        return fields

    def _required(self) -> list[str]:
        required: list[str] = self._schema().get("required", [])
        return required

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        for several in ("anyOf", "allOf"):
            if several in schema:
                return self._resolved(schema[several][0])
        return schema

    def _value(self, name: str, schema: dict[str, Any], ids: dict[str, Any]) -> Any:
        if name in ids:
            return ids[name]
        schema = self._resolved(schema)
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        kind, form = schema.get("type"), schema.get("format")
        if form == "binary":
            return (io.BytesIO(b"no picture"), "frame.jpg")
        if kind == "array":
            items = self._resolved(schema["items"])
            count = max(1, schema.get("minItems", 1))
            return [self._value(name.removesuffix("s"), items, ids) for _ in range(count)]
        if kind == "object":
            inner = schema.get("required", [])
            return {each: self._value(each, schema["properties"][each], ids) for each in inner}
        if kind in ("integer", "number"):
            return max(1, schema.get("minimum", 1))
        if kind == "boolean":
            return True
        formats = {"date": "2026-03-02", "date-time": "2026-03-01T08:00:00Z", "time": "09:00"}
        return (
            FITTING.get(name) or formats.get(str(form)) or "x" * max(1, schema.get("minLength", 1))
        )


# What a call needs although its description cannot say so.
NEEDED = {("DELETE /course/{course_id}/staff", "email")}
# Words that a description has no example of.
FITTING = {
    "start_time": "09:00",
    "ended_at": "2026-03-01T09:00:00Z",
    "url": "https://hooks.example/",
    "country": "DE",
    "join_code": "ABCDEF",
    "pin": "482913",
    "email": "nobody@school.example",
    "events": "attendance_marked",
    "network": "192.0.2.0/24",
}


def operations(app: OpenAPI) -> Iterator[Operation]:
    """Every call that the application describes."""
    schemas = app.api_doc["components"]["schemas"]
    for path, methods in app.api_doc["paths"].items():
        for method in METHODS:
            if method in methods:
                yield Operation(method, path, methods[method], schemas)


def refusal(answer: TestResponse) -> tuple[int, str]:
    """Status and code of an answer that refuses; others as they are."""
    return code_of(answer) if answer.status_code >= 400 else (answer.status_code, "")
