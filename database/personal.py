"""Every row that belongs to a student, for the right of access."""

from __future__ import annotations

from database.core import Row, Transaction

# What is shown of each kind of record; the student's table id is `:student`.
TABLES = {
    "courses": """
        SELECT courses.id AS course_id, courses.code, courses.name, courses.section,
               enrolments.enrolled_at
        FROM enrolments JOIN courses ON courses.id = enrolments.course
        WHERE enrolments.student = :student ORDER BY courses.id
    """,
    "former_courses": """
        SELECT course AS course_id, enrolled_at, left_at
        FROM former_enrolments WHERE student = :student ORDER BY course
    """,
    "attendance": """
        SELECT sessions.id AS session_id, sessions.subject, sessions.section,
               sessions.started_at, attendance.status, attendance.method, attendance.distance,
               attendance.marked_at, attendance.remark, attendance.evidence,
               reasons.name AS school_reason
        FROM attendance JOIN sessions ON sessions.id = attendance.session
        LEFT JOIN reasons ON reasons.id = attendance.reason_id
        WHERE attendance.student = :student ORDER BY attendance.id
    """,
    "departures": """
        SELECT session AS session_id, left_at, left_by
        FROM departures WHERE student = :student ORDER BY session
    """,
    "refusals": """
        SELECT session AS session_id, code, refused_at
        FROM refusals WHERE student = :student ORDER BY id
    """,
    "appeals": """
        SELECT session AS session_id, reason, state, remark, created_at, decided_at
        FROM appeals WHERE student = :student ORDER BY id
    """,
    "join_requests": """
        SELECT course AS course_id, state, created_at, decided_at
        FROM join_requests WHERE student = :student ORDER BY id
    """,
    "absences": """
        SELECT absences.id, absences.first_day, absences.last_day, absences.reason,
               absences.created_at, absence_notes.key_id, absence_notes.data AS note
        FROM absences LEFT JOIN absence_notes ON absence_notes.absence = absences.id
        WHERE absences.student = :student ORDER BY absences.id
    """,
    "excuses": """
        SELECT excuses.course AS course_id, excuses.first_day, excuses.last_day, excuses.reason,
               reasons.name AS school_reason, excuses.created_at
        FROM excuses LEFT JOIN reasons ON reasons.id = excuses.reason_id
        WHERE excuses.student = :student ORDER BY excuses.id
    """,
    "allowed_pairs": """
        SELECT allowed_at FROM face_pairs WHERE student = :student OR other = :student
        ORDER BY allowed_at
    """,
    "seen_by_cameras": """
        SELECT session AS session_id, first_at, last_at
        FROM camera_seen WHERE student = :student ORDER BY session
    """,
    "resembled": """
        SELECT sightings.session AS session_id, sightings.seen_at, sighting_candidates.distance
        FROM sighting_candidates JOIN sightings ON sightings.id = sighting_candidates.sighting
        WHERE sighting_candidates.student = :student ORDER BY sightings.id
    """,
    "proposed_faces": """
        SELECT model, quality, distance, proposed_at, key_id, picture FROM proposed_templates
        WHERE student = :student ORDER BY id
    """,
    "first_marks": """
        SELECT session AS session_id, status, method, distance, evidence, marked_at
        FROM first_marks WHERE student = :student ORDER BY session
    """,
    "guardians": """
        SELECT name, email, language, created_at FROM guardians WHERE student = :student ORDER BY id
    """,
    "minors": """
        SELECT noted_at FROM minors WHERE student = :student
    """,
    "guardian_consents": """
        SELECT signed_by, email, version, language, agreed_at, withdrawn_at
        FROM guardian_consents WHERE student = :student ORDER BY id
    """,
    "tutors": """
        SELECT teachers.name, tutors.assigned_at
        FROM tutors JOIN teachers ON teachers.id = tutors.teacher WHERE tutors.student = :student
    """,
    "incidents": """
        SELECT incidents.course AS course_id, notice_rules.name AS rule, incidents.day,
               incidents.found, incidents.began_at, incidents.ended_at
        FROM incidents JOIN notice_rules ON notice_rules.id = incidents.rule
        WHERE incidents.student = :student ORDER BY incidents.id
    """,
    "pins": """
        SELECT set_at FROM student_pins WHERE student = :student
    """,
    "first_pins": """
        SELECT made_at, expires_at FROM first_pins WHERE student = :student
    """,
    "passkeys": """
        SELECT id, name, created_at, used_at FROM passkeys WHERE student = :student ORDER BY id
    """,
    "push_devices": """
        SELECT id, name, endpoint, created_at, used_at
        FROM push_devices WHERE student = :student ORDER BY id
    """,
    "used_pictures": """
        SELECT fingerprint, used_at FROM used_pictures WHERE student = :student ORDER BY id
    """,
    "cleared_marks": """
        SELECT clearings.session AS session_id, clearings.cleared_at, clearings.undone_at,
               cleared_marks.status, cleared_marks.method, cleared_marks.distance,
               cleared_marks.marked_at, cleared_marks.remark, cleared_marks.evidence,
               reasons.name AS school_reason
        FROM cleared_marks JOIN clearings ON clearings.id = cleared_marks.clearing
        LEFT JOIN reasons ON reasons.id = cleared_marks.reason_id
        WHERE cleared_marks.student = :student ORDER BY clearings.id
    """,
    "corrected_marks": """
        SELECT corrections.session AS session_id, corrections.corrected_at, corrections.undone_at,
               corrected_marks.status, corrected_marks.remark, corrected_marks.old_status,
               corrected_marks.old_method, corrected_marks.old_distance,
               corrected_marks.old_marked_at, corrected_marks.old_remark,
               corrected_marks.old_evidence, reasons.name AS school_reason,
               old_reasons.name AS old_school_reason
        FROM corrected_marks JOIN corrections ON corrections.id = corrected_marks.correction
        LEFT JOIN reasons ON reasons.id = corrected_marks.reason_id
        LEFT JOIN reasons old_reasons ON old_reasons.id = corrected_marks.old_reason_id
        WHERE corrected_marks.student = :student ORDER BY corrections.id
    """,
}


def rows(tx: Transaction, name: str, student: int) -> list[Row]:
    """The student's records of one kind of `TABLES`."""
    return tx.all(TABLES[name], student=student)


def templates(tx: Transaction, student: int) -> list[Row]:
    """The student's templates, encrypted, with all that is stored beside them."""
    return tx.all(
        """
        SELECT key_id, data, model, quality, photo, created_at
        FROM face_templates WHERE student = :student ORDER BY id
        """,
        student=student,
    )
