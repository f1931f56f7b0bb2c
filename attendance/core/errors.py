"""What can go wrong, by name. A rule raises the exception where the fact is known;
`attendance/web/problems.py` answers with it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeVar

from facerecog import FaceRecogError

T = TypeVar("T")


class Problem(Exception):
    """An error that the client is told about. Subclasses fix `status` and `code`."""

    status = 400
    code = "invalid_request"
    detail = "The request cannot be understood."

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail
        self.extra = extra
        self.headers: dict[str, str] = {}


class InvalidRequest(Problem):
    """400: a field is missing or wrong; `errors` lists each."""

    @classmethod
    def of(cls, field: str, kind: str, message: str) -> InvalidRequest:
        """One field that is wrong: its name, the kind of mistake in one word, and a sentence."""
        errors = [{"field": field, "message": message, "type": kind}]
        return cls(f"{field}: {message}", errors=errors)


class TableUnreadable(Problem):
    """400: the file is no table, or not one of students."""

    status, code = 400, "table_unreadable"
    detail = "A CSV or XLSX file is needed with a row of column names: student_id, name, email."


class TimetableUnreadable(Problem):
    """400: the file, or what an address answers, is no calendar."""

    status, code = 400, "timetable_unreadable"
    detail = "This is no calendar: an iCalendar file (.ics) is needed."


class RecurrenceTooDense(Problem):
    """400: an event of the calendar recurs several times a day."""

    status, code = 400, "recurrence_too_dense"
    detail = "An event of the calendar recurs several times a day, by the hour or quicker."


class TableTooLong(TableUnreadable):
    """400: the list has more rows than are read at once; `limit` says how many."""

    code, detail = "table_too_long", "The list is too long: split it."


class ImageMissing(Problem):
    """400: a frame came without its picture."""

    status, code, detail = 400, "image_missing", "The frame has no picture: send bytes of a JPEG."


class TokenMissing(Problem):
    """401: the call needs a token."""

    status, code, detail = 401, "token_missing", "Sign in first: the call needs an access token."


class TokenInvalid(Problem):
    """401: the token is forged, of the wrong kind, revoked, or its account is gone."""

    status, code, detail = 401, "token_invalid", "The token is not valid. Sign in again."


class TokenExpired(Problem):
    """401: the token was good and is too old."""

    status, code, detail = 401, "token_expired", "The token has expired. Refresh it."


class ApiKeyInvalid(Problem):
    """401: the API key is unknown, revoked or expired."""

    status, code, detail = 401, "api_key_invalid", "The API key is not valid."


class ScopeMissing(Problem):
    """403: the API key may not make this call."""

    status, code, detail = 403, "scope_missing", "This API key may not make this call."


class CsrfFailed(Problem):
    """401: a cookie came without the CSRF header."""

    status, code, detail = 401, "csrf_failed", "The CSRF token is missing or wrong."


class LoginFailed(Problem):
    """401: e-mail address or password is wrong; which one is not said."""

    status, code, detail = 401, "login_failed", "The e-mail address or the password is wrong."


class Forbidden(Problem):
    """403: the account may not do this."""

    status, code, detail = 403, "forbidden", "Your account may not do this."


class AccountChanged(Problem):
    """403: a page was made for one account, and its cookies are another's by now."""

    status, code = 403, "account_changed"
    detail = "Another account has signed in in this browser. Load the page again."


class AccountPending(Problem):
    """403: the teacher waits for approval."""

    status, code = 403, "account_pending"
    detail = "The administrator has not approved this account yet."


class AccountSuspended(Problem):
    """403: the account was suspended."""

    status, code, detail = 403, "account_suspended", "This account is suspended."


class SignUpClosed(Problem):
    """403: students do not sign up by themselves here."""

    status, code = 403, "sign_up_closed"
    detail = "Nobody signs up here by himself or herself. Ask the school for an account."


class ConsentRequired(Problem):
    """403: faces are stored only with consent."""

    status, code = 403, "consent_required"
    detail = "Face templates are stored only with your consent."


class RenamingOff(Problem):
    """403: students do not change their names themselves here."""

    status, code = 403, "renaming_off"
    detail = "Names are changed by the school. Ask it to correct yours."


class NotEnrolled(Problem):
    """403: the session belongs to a course that the student is not in."""

    status, code, detail = 403, "not_enrolled", "You are not enrolled in this course."


class InvitationNotShown(Problem):
    """403: who has an account's link can take the account."""

    status, code = 403, "invitation_not_shown"
    detail = (
        "The link is shown to whoever made the account and to administrators, and no mail server "
        "is set up to send it to the student."
    )


class InvitationInvalid(Problem):
    """403: the link was used already, is damaged, or its account is gone."""

    status, code = 403, "invitation_invalid"
    detail = "This link is not valid, or was used already. Ask for a new one."


class InvitationExpired(Problem):
    """410: the link was right and is too old."""

    status, code = 410, "invitation_expired"
    detail = "This link is too old. Ask for a new one."


class PassInvalid(Problem):
    """403: the pass is not from this server, or too old."""

    status, code, detail = 403, "pass_invalid", "This pass does not count any more. Show it again."


class JoinRequired(Problem):
    """403: neither a right code, nor a ticket, nor a join token."""

    status, code = 403, "join_required"
    detail = "Scan the QR code or type the session code first."


class JoinExpired(Problem):
    """403: the ticket or join token was right and is too old."""

    status, code = 403, "join_expired"
    detail = "The QR code has changed meanwhile. Scan it again."


class ScanRequired(Problem):
    """403: a code was typed, and this course wants the QR code scanned."""

    status, code = 403, "scan_required"
    detail = "This course takes no typed code. Scan the QR code in the room."


class WrongNetwork(Problem):
    """403: the course checks in from certain networks only."""

    status, code = 403, "wrong_network"
    detail = "This course checks in from the school's network only. Connect to it and try again."


class DeviceUsed(Problem):
    """403: the course wants one device for each student, and this one has marked another, or keeps
    no cookie to be told by."""

    status, code = 403, "device_used"
    detail = (
        "Another student was marked with this device already. Use your own, or ask your "
        "teacher to mark you by hand."
    )


class FaceRequired(Problem):
    """403: a PIN or passkey was sent, and this course marks by face."""

    status, code = 403, "face_required"
    detail = "This course marks by face."


class KeyRequired(Problem):
    """403: the course uses no face, and neither PIN nor passkey was sent."""

    status, code = 403, "key_required"
    detail = "This course marks with a passkey or a PIN. Set one up under Account."


class FirstPinWrong(Problem):
    """401: no student of this name or number has a slip with this PIN that was not used yet."""

    status, code = 401, "first_pin_wrong"
    detail = "The number or the PIN is wrong, or the slip was used already."


class PinWrong(Problem):
    """403: the PIN is wrong, or the student has none."""

    status, code, detail = 403, "pin_wrong", "This PIN is wrong."


class PasskeyInvalid(Problem):
    """403: no passkey of the student's, made at this address, has signed this."""

    status, code = 403, "passkey_invalid"
    detail = "This passkey was not made for your account at this address. Try again."


class PasskeyNotFound(Problem):
    """404: no such passkey of the caller's."""

    status, code, detail = 404, "passkey_not_found", "There is no such passkey."


class PushOff(Problem):
    """409: the school tells nobody by push."""

    status, code, detail = 409, "push_off", "The school does not send messages by push."


class PushDeviceNotFound(Problem):
    """404: no such browser of the caller's is told by push."""

    status, code, detail = 404, "push_device_not_found", "There is no such device."


class SessionNotFound(Problem):
    """404: no such session."""

    status, code, detail = 404, "session_not_found", "There is no such session."


class CourseNotFound(Problem):
    """404: no such course."""

    status, code, detail = 404, "course_not_found", "There is no such course."


class TeacherNotFound(Problem):
    """404: no such teacher."""

    status, code, detail = 404, "teacher_not_found", "There is no such teacher."


class StudentNotFound(Problem):
    """404: no such student, or not in this course."""

    status, code, detail = 404, "student_not_found", "There is no such student."


class ApiKeyNotFound(Problem):
    """404: no such API key."""

    status, code, detail = 404, "api_key_not_found", "There is no such API key."


class WebhookNotFound(Problem):
    """404: no such webhook."""

    status, code, detail = 404, "webhook_not_found", "There is no such webhook."


class CalendarNotFound(Problem):
    """404: the address of the calendar was never given out, or was revoked."""

    status, code, detail = 404, "calendar_not_found", "There is no calendar at this address."


class AppealNotFound(Problem):
    """404: no such appeal."""

    status, code, detail = 404, "appeal_not_found", "There is no such appeal."


class PlanNotFound(Problem):
    """404: no such plan."""

    status, code, detail = 404, "plan_not_found", "There is no such plan."


class TimetableNotFound(Problem):
    """404: no such timetable, or another teacher's."""

    status, code, detail = 404, "timetable_not_found", "There is no such timetable."


class SchoolDaysNotFound(Problem):
    """404: no such term or holiday."""

    status, code, detail = 404, "school_days_not_found", "There is no such term or holiday."


class RoomNotFound(Problem):
    """404: no such room."""

    status, code, detail = 404, "room_not_found", "There is no such room."


class RoomExists(Problem):
    """409: another room has this name."""

    status, code, detail = 409, "room_exists", "There is a room of this name."


class NoteNotFound(Problem):
    """404: the request has no picture of a note, or none any more."""

    status, code = 404, "note_not_found"
    detail = "There is no picture of a note, or none any more."


class ReasonNotFound(Problem):
    """404: the school has no such reason."""

    status, code, detail = 404, "reason_not_found", "The school has no such reason."


class ReasonExists(Problem):
    """409: another reason has this name or code."""

    status, code = 409, "reason_exists"
    detail = "There is a reason of this name or with this code."


class ReasonRetired(Problem):
    """409: the reason is no longer in use."""

    status, code, detail = 409, "reason_retired", "This reason is no longer in use."


class ReasonOfOther(Problem):
    """409: the reason belongs to another status."""

    status, code = 409, "reason_of_other_status"
    detail = "This reason belongs to another status."


class NotPlanned(Problem):
    """404: the plan has no session on this day."""

    status, code, detail = 404, "not_planned", "Nothing is planned for this day."


class SightingNotFound(Problem):
    """404: no such sighting in the session, or its picture is gone."""

    status, code, detail = 404, "sighting_not_found", "There is no such sighting any more."


class AbsenceNotFound(Problem):
    """404: no such request to be excused, or none of the caller's concern."""

    status, code, detail = 404, "absence_not_found", "There is no such request to be excused."


class NoticeRuleNotFound(Problem):
    """404: no such rule about absences."""

    status, code, detail = 404, "notice_rule_not_found", "There is no such rule."


class GuardianNotFound(Problem):
    """404: the student has no such guardian."""

    status, code, detail = 404, "guardian_not_found", "The student has no such guardian."


class GuardianKnown(Problem):
    """409: the student has a guardian of this address."""

    status, code = 409, "guardian_known"
    detail = "The student has a guardian with this address already."


class GuardianConsentMissing(Problem):
    """403: of a minor, no face is stored before a guardian has agreed."""

    status, code = 403, "guardian_consent_missing"
    detail = "A guardian has to agree before the face of this student is stored."


class GuardianLinkInvalid(Problem):
    """403: nobody was sent this link, or it is for something else."""

    status, code, detail = 403, "guardian_link_invalid", "This link is not valid."


class GuardianLinkUsed(Problem):
    """410: the link was used already."""

    status, code, detail = 410, "guardian_link_used", "This link was used already: it works once."


class GuardianLinkExpired(Problem):
    """410: the link was right once."""

    status, code, detail = 410, "guardian_link_expired", "This link is too old. Ask for a new one."


class DigestLinkInvalid(Problem):
    """403: no digest had this link."""

    status, code, detail = 403, "digest_link_invalid", "This link is not valid."


class NothingHeld(Problem):
    """409: nothing waits to be confirmed."""

    status, code, detail = 409, "nothing_held", "No message of this rule waits to be confirmed."


class EnrolmentNotFound(Problem):
    """404: no such enrolment waits, or it is of no student of the caller's."""

    status, code, detail = 404, "enrolment_not_found", "No such enrolment waits for a decision."


class ExcuseNotFound(Problem):
    """404: no such excuse."""

    status, code, detail = 404, "excuse_not_found", "There is no such excuse."


class FaceUnknown(Problem):
    """404: nobody enrolled is near enough, or two are equally near."""

    status, code, detail = 404, "face_unknown", "This face is not known here."


class EmailTaken(Problem):
    """409: the address has an account."""

    status, code, detail = 409, "email_taken", "There is an account with this e-mail address."


class StudentIdTaken(Problem):
    """409: the school's number has an account."""

    status, code, detail = 409, "student_id_taken", "There is an account with this student id."


class SessionOpen(Problem):
    """409: the course has an open session, which is `session`; `another` starts one beside it."""

    status, code = 409, "session_open"
    detail = "This course has an open session. Go on with it, or start another."


class SessionTooOld(Problem):
    """409: the session ended more than a day ago."""

    status, code = 409, "session_too_old"
    detail = "This session ended more than a day ago and can no longer be opened again."


class NotDue(Problem):
    """409: the planned day is still to come."""

    status, code, detail = 409, "not_due", "This lesson is planned for a later day."


class CodeTaken(Problem):
    """409: another live session has the code."""

    status, code, detail = 409, "code_taken", "Another session is using this code right now."


class AlreadyPresent(Problem):
    """409: there is nothing to appeal against."""

    status, code, detail = 409, "already_present", "You are marked present in this session."


class AppealExists(Problem):
    """409: one appeal per student and session."""

    status, code, detail = 409, "appeal_exists", "You have appealed in this session already."


class AbsenceDecided(Problem):
    """409: the request was decided before, in every course that is meant."""

    status, code, detail = 409, "absence_decided", "This request has been decided already."


class AppealDecided(Problem):
    """409: the appeal was accepted or rejected before."""

    status, code, detail = 409, "appeal_decided", "This appeal has been decided already."


class CheckOutOff(Problem):
    """409: students of this course do not say that they leave."""

    status, code = 409, "check_out_off"
    detail = "In this session nobody checks out."


class NotMarked(Problem):
    """409: who has no mark cannot leave."""

    status, code, detail = 409, "not_marked", "You have no mark in this session."


class AlreadyStarted(Problem):
    """409: the planned session was opened before."""

    status, code, detail = 409, "already_started", "This planned session was opened already."


class ConfirmationRequired(Problem):
    """409: `marks` would be cleared; send `confirm=true`."""

    status, code = 409, "confirmation_required"
    detail = "Send confirm=true to do it."


class NothingToUndo(Problem):
    """409: no clearing or change of the session is left to undo."""

    status, code, detail = 409, "nothing_to_undo", "There is nothing left to undo."


class SightingDecided(Problem):
    """409: somebody has said before who it is."""

    status, code, detail = 409, "sighting_decided", "This face was decided on already."


class CameraOff(Problem):
    """409: the teacher has not switched a camera on in the session."""

    status, code, detail = 409, "camera_off", "No camera recognises in the session."


class FrameOutOfOrder(Problem):
    """409: a later frame of the camera has come before."""

    status, code, detail = 409, "frame_out_of_order", "A later frame has come before this one."


class FramePending(Problem):
    """409: the camera's last frame is not answered yet."""

    status, code = 409, "frame_pending"
    detail = "Send the next frame when the last one is answered."


class CourseArchived(Problem):
    """409: the course is kept for its records only."""

    status, code, detail = 409, "course_archived", "This course is archived."


class CourseHasSessions(Problem):
    """409: sessions were held, and a deletion would take their marks along."""

    status, code = 409, "course_has_sessions"
    detail = "Sessions were held in this course. Archive it instead."


class SettingFixed(Problem):
    """409: the environment fixes the setting."""

    status, code = 409, "setting_fixed"
    detail = "This setting is set in the environment, which wins."


class LastAdministrator(Problem):
    """409: nobody would be left to administer the installation."""

    status, code = 409, "last_administrator"
    detail = "This is the last active administrator. Make another one first."


class OpenSessions(Problem):
    """409: whoever deletes his or her account ends the own sessions first."""

    status, code = 409, "open_sessions"
    detail = "Sessions of yours are open. End them first."


class JoinRequestNotFound(Problem):
    """404: no such request to be let into a course."""

    status, code, detail = 404, "join_request_not_found", "There is no such request."


class JoinRequestDecided(Problem):
    """409: somebody else has let the student in, or declined."""

    status, code, detail = 409, "join_request_decided", "This request was decided already."


class NoCourse(Problem):
    """409: whoever has the code may mark in the session: there is nothing to ask for."""

    status, code = 409, "no_course"
    detail = "The session belongs to no course: everybody may mark in it."


class TeacherHasRecords(Problem):
    """409: courses and sessions need a teacher."""

    status, code = 409, "teacher_has_records"
    detail = "This teacher has courses or sessions: name in `transfer_to` who takes them over."


class PasswordSet(Problem):
    """409: an invitation is for who has no password yet, and an address to sign in with."""

    status, code = 409, "password_set"
    detail = "This student has set a password already, or has no e-mail address to sign in with."


class UsernameTaken(Problem):
    """409: another account has the user name, or it is another student's number."""

    status, code, detail = 409, "username_taken", "There is an account with this user name."


class ConsentWithdrawn(Problem):
    """409: the student took back the consent, and nobody else can give it."""

    status, code = 409, "consent_withdrawn"
    detail = (
        "This student has withdrawn the consent to store the face. "
        "Only the student can give it again, by enrolling."
    )


class NoSession(Problem):
    """409: no session is open that this kiosk serves."""

    status, code, detail = 409, "no_session", "No session is open here."


class FaceNotEnrolled(Problem):
    """409: the student has no templates."""

    status, code, detail = 409, "face_not_enrolled", "Enrol your face first."


class FaceTaken(Problem):
    """409: the face belongs to another student."""

    status, code = 409, "face_taken"
    detail = "This face is enrolled for another student."


class SessionEnded(Problem):
    """410: the session is over."""

    status, code, detail = 410, "session_ended", "The session has ended."


class ImageTooLarge(Problem):
    """413: the upload is larger than the server reads."""

    status, code, detail = 413, "image_too_large", "The upload is larger than 10 MB."


class RequestTooLarge(Problem):
    """413: the same where no picture is expected."""

    status, code = 413, "request_too_large"
    detail = "The request is larger than this call reads: 10 MB for a file, else 64 kB."


class TimetableTooLarge(Problem):
    """413: the calendar is larger than is read, or has more lessons, or takes too long."""

    status, code = 413, "timetable_too_large"
    detail = "The calendar is too large: 1 MB and 10,000 lessons within a year are read."


class TimetableUnreachable(Problem):
    """422: the address of a calendar was not reached, or did not answer with one."""

    status, code = 422, "timetable_unreachable"
    detail = "The address of the calendar does not answer."


class FaceMismatch(Problem):
    """422: the face is not the student's own."""

    status, code = 422, "face_mismatch"
    detail = "The face does not agree with the one you enrolled."


class NotAlive(Problem):
    """422: the pictures do not show somebody who did what was asked; with `reason` and `step`."""

    status, code = 422, "not_alive"
    detail = "The pictures do not show a head that turned as it was asked to."


class PictureUsed(Problem):
    """422: this picture, or nearly the same, has enrolled or marked before."""

    status, code = 422, "picture_used"
    detail = "This picture was used before. Take a new one."


class FacesDiffer(Problem):
    """422: the pictures of one enrolment show different people."""

    status, code, detail = 422, "faces_differ", "The pictures do not show the same person."


class SessionLocked(Problem):
    """423: the teacher has locked the session."""

    status, code, detail = 423, "session_locked", "The session is locked by the teacher."


class TooManyAttempts(Problem):
    """429: wait for `Retry-After` seconds."""

    status, code = 429, "too_many_tries"
    detail = "Too many tries. Wait a moment and try again."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.headers["Retry-After"] = str(retry_after)


class Unavailable(Problem):
    """503: the database or the networks do not answer; nothing was written."""

    status, code = 503, "unavailable"
    detail = "The server cannot answer right now. Try again in a few seconds."

    def __init__(self, detail: str | None = None, retry_after: int = 2) -> None:
        super().__init__(detail)
        self.headers["Retry-After"] = str(retry_after)


class TooManyCameras(Unavailable):
    """503: as many cameras look already as the server has been told to serve."""

    status, code = 503, "too_many_cameras"
    detail = "As many cameras look already as this server serves. Switch one off."

    def __init__(self, detail: str | None = None, retry_after: int = 30) -> None:
        super().__init__(detail, retry_after)


class SignInBusy(Unavailable):
    """503: more passwords wait to be hashed than may."""

    status, code = 503, "sign_in_busy"
    detail = "Too many are signing in right now. Try again in a few seconds."

    def __init__(self, detail: str | None = None, retry_after: int = 5) -> None:
        super().__init__(detail, retry_after)


# How the domain errors of `facerecog` look over HTTP.
FACE_STATUS = {
    "image_unreadable": 400,
    "heic_unsupported": 400,
    "image_too_large": 413,
    "face_not_found": 422,
    "several_faces": 422,
    "face_too_small": 422,
    "too_blurry": 422,
    "too_dark": 422,
    "recognizer_busy": 503,
}


def found(row: T | None, missing: type[Problem]) -> T:
    """`row`, if there is one; else raises `missing`."""
    if row is None:
        raise missing
    return row


def from_face_error(error: FaceRecogError, **extra: Any) -> Problem:
    """The problem that says the same as an error of `facerecog`."""
    problem = Problem(str(error), **extra)
    problem.code = error.code
    problem.status = FACE_STATUS.get(error.code, 503)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        problem.headers["Retry-After"] = str(getattr(error, "retry_after", 2))
    return problem


def catalogue() -> list[dict[str, Any]]:
    """Every problem that the API may answer with: `code`, `status` and `meaning`, by status."""
    named = {kind.code: (kind.status, kind.detail) for kind in _subclasses(Problem)}
    faces = {
        kind.code: (FACE_STATUS.get(kind.code, 503), (kind.__doc__ or "").split("\n")[0])
        for kind in _subclasses(FaceRecogError)
    }
    others = {
        "invalid_request": (400, "A field is missing or wrong; `errors` names each."),
        "not_found": (404, "There is nothing under this URL."),
        "method_not_allowed": (405, "The URL exists, but not with this method."),
        "internal_error": (500, "Something went wrong on the server. It has been logged."),
    }
    every = {**faces, **named, **others}
    return [
        {"code": code, "status": status, "meaning": meaning}
        for code, (status, meaning) in sorted(every.items(), key=lambda item: (item[1][0], item[0]))
    ]


def _subclasses(kind: type[Any]) -> list[type[Any]]:
    every = []
    for child in kind.__subclasses__():
        every += [child, *_subclasses(child)]
    return every
