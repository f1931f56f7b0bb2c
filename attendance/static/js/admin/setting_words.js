// Names and meanings of the settings. What is not known here is shown as the API says it.

import { _ } from "../common/strings.js";

const NAMES = {
  teacher_sign_up: () => _("New teachers"),
  student_sign_up: () => _("New students"),
  student_renames: () => _("Students change their names"),
  sign_ups_per_minute: () => _("Sign-ups per minute"),
  login_tries_per_minute: () => _("Sign-in attempts per minute"),
  login_failures_per_hour: () => _("Wrong passwords per hour"),
  mark_tries_per_minute: () => _("Attempts to mark per minute"),
  enrol_tries_per_minute: () => _("Enrolments per minute"),
  identify_tries_per_minute: () => _("Identifications per minute"),
  face_taken_per_hour: () => _("Faces of others per hour"),
  join_tries_per_minute: () => _("Attempts to join per minute"),
  school_name: () => _("Name of the school"),
  timezone: () => _("Time zone"),
  first_steps: () => _("First steps on Today"),
  session_minutes: () => _("A session ends by itself after (minutes)"),
  session_code_seconds: () => _("The typed code changes (seconds)"),
  challenge_seconds: () => _("Time to turn the head (seconds)"),
  challenge_steps: () => _("Steps of turning the head"),
  challenge_tries_per_hour: () => _("Steps drawn per hour"),
  picture_memory_days: () => _("Days for which a used picture is known"),
  late_after_minutes: () => _("Late after (minutes)"),
  risk_after_sessions: () => _("At risk after (sessions)"),
  face_fmr: () => _("Strangers who pass as a student"),
  identify_fpir: () => _("Strangers who get a name"),
  face_threshold: () => _("Largest distance of the student's own face"),
  face_taken_threshold: () => _("Distance at which a face is taken"),
  face_same_threshold: () => _("Largest distance within one enrolment"),
  identify_threshold: () => _("Largest distance of an identification"),
  identify_margin: () => _("Lead of an identification"),
  confirm_first_enrolments: () => _("Confirm first faces"),
  keep_photos: () => _("Keep enrolment photographs"),
  camera_crop_minutes: () => _("Keep uncertain faces of a camera (minutes)"),
  template_retention_days: () => _("Delete unused faces after (days)"),
  deleted_student_marks: () => _("Marks of a deleted student"),
  web_push: () => _("Messages by push"),
};

const HELP = {
  teacher_sign_up: () => _("Whether a new teacher waits for the administrator."),
  student_sign_up: () => _("Whether students make accounts by themselves, or are invited from a roster. Closed: nobody new comes in, by an invitation either."),
  student_renames: () => _("Each change stands in the audit log. Off: only administrators change names."),
  sign_ups_per_minute: () => _("From one network. A school often has one address for everybody."),
  login_tries_per_minute: () => _("For each account, from one network or known browser."),
  login_failures_per_hour: () => _("For each account, from one network or known browser; ten times as many from all together."),
  mark_tries_per_minute: () => _("For each student."),
  enrol_tries_per_minute: () => _("For each student."),
  identify_tries_per_minute: () => _("For each teacher or device."),
  face_taken_per_hour: () => _("How often somebody is told that a face is another student's. The audit log tells who."),
  join_tries_per_minute: () => _("For each student."),
  school_name: () => _("On every page and in print. Empty: none."),
  timezone: () => _("Of new courses, and of sessions without one, such as Europe/Berlin."),
  first_steps: () => _("Whether administrators see what is left to set up."),
  session_minutes: () => _("Where neither the start nor a plan says when."),
  challenge_seconds: () => _("In courses that ask for it."),
  challenge_steps: () => _("More are harder to guess, and take longer."),
  challenge_tries_per_hour: () => _("For each student, where turning the head is needed: nobody may guess until it fits."),
  picture_memory_days: () => _("By its fingerprint; the picture itself is not kept."),
  session_code_seconds: () => _("The one before still counts. 0: it stays the same all session."),
  late_after_minutes: () => _("For sessions that do not say it themselves. Empty: nobody is late."),
  risk_after_sessions: () => _("Before so many sessions have counted, nobody is called at risk."),
  face_fmr: () => _("0.001, 0.0001 or 0.00001 of them. Smaller is stricter: more students have to try again."),
  identify_fpir: () => _("The part of strangers to whom a search may give a student's name, however many faces there are."),
  face_threshold: () => _("By hand, in place of the part of strangers. Smaller is stricter."),
  face_taken_threshold: () => _("A new face nearer than this to another student's is refused. Empty: by the number of faces."),
  face_same_threshold: () => _("Pictures of one enrolment that differ more are refused. Empty: as measured."),
  identify_threshold: () => _("By hand: devices name somebody only within this distance."),
  identify_margin: () => _("How much nearer the best must be than the second at least. Empty: as measured."),
  camera_crop_minutes: () => _("Encrypted, for the teacher to decide, and at most until the session ends. 0: none."),
  confirm_first_enrolments: () => _("A student’s first face counts when a teacher or administrator has confirmed it."),
  keep_photos: () => _("They are encrypted. Off: only templates are kept."),
  template_retention_days: () => _("The daily clean-up deletes faces that were not used for so long. Empty: none."),
  deleted_student_marks: () => _("Without a name they still count for the session."),
  web_push: () => _("To students who ask for it, in their browser. What is said goes sealed through the server of the browser's maker, which learns when."),
};

const WORDS = {
  approval: () => _("wait for approval"),
  open: () => _("may begin at once"),
  invited: () => _("come by invitation only"),
  closed: () => _("do not come in"),
  anonymise: () => _("stay without a name"),
  remove: () => _("are deleted"),
};

export const settingName = (name) => NAMES[name]?.() ?? name.replaceAll("_", " ");
export const settingHelp = ({ name, description }) => HELP[name]?.() ?? description;
export const settingWord = (value) => WORDS[value]?.() ?? value;

// What belongs together, in the order of the page; what stands in none is the last group's.
export const GROUPS = [
  [() => _("The school"), ["school_name", "timezone", "first_steps"]],
  [() => _("Sessions"), ["session_minutes", "late_after_minutes", "risk_after_sessions"]],
  [() => _("Who comes in"), ["teacher_sign_up", "student_sign_up", "student_renames"]],
  [() => _("Recognising faces"), ["face_fmr", "identify_fpir", "face_threshold", "face_taken_threshold", "face_same_threshold", "identify_threshold", "identify_margin"]],
  [() => _("What is kept"), ["keep_photos", "template_retention_days", "deleted_student_marks"]],
  [() => _("Against guessing and haste"), []],
];
