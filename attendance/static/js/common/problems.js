// What went wrong and what to do, in words that a student or teacher understands.

import { _, date, n_, number } from "./strings.js";

const SENTENCES = {
  offline: () => [_("No connection"), _("The server cannot be reached. Check the network; then try again.")],
  timeout: () => [_("The server takes too long"), _("The network may be slow. Try again.")],
  signed_out: () => [_("You are signed out"), _("Sign in again, then go on.")],
  server_error: () => [_("Something went wrong on the server"), _("Try again in a moment. If it stays, tell the administrator.")],
  unavailable: () => [_("The server is busy"), _("Nothing was lost. Try again in a few seconds.")],
  recognizer_busy: () => [_("Many are marking right now"), _("Try again in a few seconds.")],
  too_many_tries: (problem) => [
    _("Too many attempts"),
    problem.retryAfter
      ? n_("Wait {n} second and try again.", "Wait {n} seconds and try again.", problem.retryAfter)
      : _("Wait a moment and try again."),
  ],
  login_failed: () => [_("The e-mail address or the password is wrong"), _("Check both, and whether you chose student or teacher.")],
  account_pending: () => [_("Your account is waiting for approval"), _("The administrator has to approve it first. Try again later.")],
  account_suspended: () => [_("This account is suspended"), _("Ask the administrator.")],
  sign_in_busy: () => [_("Many are signing in right now"), _("Try again in a few seconds.")],
  sign_up_closed: () => [_("You cannot sign up here yourself"), _("Ask the school for an account.")],
  csrf_failed: () => [_("The page was open for too long"), _("Load the page again and repeat what you did.")],
  account_changed: () => [_("Another account has signed in in this browser"), _("This page does nothing any more, so that nothing is done as somebody else. Load it again.")],
  forbidden: () => [_("Your account may not do this"), _("Sign in with another account, or go back.")],
  no_course: () => [_("Everybody may mark in the session"), _("Scan the code again and go on.")],
  open_sessions: () => [_("Sessions of yours are open"), _("End them first.")],
  email_taken: () => [_("There is an account with this e-mail address"), _("Sign in, or use another address.")],
  username_taken: () => [_("There is an account with this user name"), _("Choose another one. It may also be another student's number.")],
  push_off: () => [_("Your school has switched these messages off."), _("Look at this page now and then.")],
  push_device_not_found: () => [_("This device is not told any more"), _("Load the page again.")],
  renaming_off: () => [_("Names are changed by the school"), _("Ask it to correct yours.")],
  consent_withdrawn: () => [_("The consent to store this face was withdrawn"), _("Only the student can give it again, by enrolling.")],
  student_id_taken: () => [_("There is an account with this student number"), _("Check the number. If it is yours, tell your teacher.")],
  consent_required: () => [_("Without your consent nothing is stored"), _("Agree first, or ask your teacher to mark you by hand.")],
  not_enrolled: () => [_("You are not on the list of this course"), _("Check that you are in the right class. If you are, ask to be let in, or type the join code.")],
  join_required: () => [_("This code is not valid"), _("Scan the code on the screen, or type the session code.")],
  join_expired: () => [_("The code has expired"), _("It changes every few seconds. Scan the one on the screen now.")],
  scan_required: () => [_("This course takes no typed code"), _("Scan the QR code in the room.")],
  wrong_network: () => [_("You are not in the school’s network"), _("Connect to the school’s network, not to mobile data, and try again. If you are connected, tell your teacher.")],
  device_used: (problem) => [
    _("This device cannot mark for you"),
    /cookie/.test(problem.detail)
      ? _("Your browser keeps no cookies for this page. Allow them and scan again, or ask your teacher to mark you by hand.")
      : _("It has marked another student here. Use your own, or ask your teacher to mark you by hand."),
  ],
  face_required: () => [_("This course marks by face"), _("Look into the camera.")],
  key_required: () => [_("This course uses no face"), _("Mark with a passkey or a PIN. You set them up under “Account”.")],
  first_pin_wrong: () => [_("The number or the PIN is wrong, or the slip was used already"), _("Look at the slip again, or ask for a new one.")],
  pin_wrong: () => [_("This PIN is wrong"), _("Type it again, or set another one under “Account”.")],
  passkey_invalid: () => [_("This passkey does not fit"), _("It has to be made for your account at this address. Scan again, or take the PIN.")],
  session_not_found: () => [_("There is no session with this code"), _("Compare it with the screen and type it again.")],
  session_ended: () => [_("The session has ended"), _("If you were there, ask your teacher to mark you by hand.")],
  check_out_off: () => [_("Nobody checks out in this session"), _("You can just go.")],
  not_marked: () => [_("There is no mark yet"), _("Mark first: only who is here can leave.")],
  session_locked: () => [_("The teacher has locked the session"), _("Ask your teacher to unlock it, then try again.")],
  course_not_found: () => [_("There is no such course"), _("It may have been deleted. Go back and choose again.")],
  code_taken: () => [_("Another session uses this code right now"), _("Choose another code.")],
  face_not_enrolled: () => [_("Your face is not enrolled yet"), _("Enrol it once; it takes a minute. Then mark.")],
  face_not_found: () => [_("No face was found"), _("Hold the camera in front of your face, in good light.")],
  several_faces: () => [_("There are several faces"), _("Only you may be in the picture. Step aside or come closer.")],
  face_too_small: () => [_("Your face is too far away"), _("Come closer to the camera.")],
  too_blurry: () => [_("The picture is blurred"), _("Hold still and clean the lens.")],
  too_dark: () => [_("It is too dark"), _("Turn towards the light.")],
  face_mismatch: () => [_("Your face was not recognised"), _("Take off what covers your face, look straight into the camera in good light, and try again. If it stays, tell your teacher.")],
  not_alive: ({ body }) => {
    const told = {
      too_late: () => _("That took too long. The steps are drawn anew."),
      too_fast: () => _("That was too quick. The steps are drawn anew."),
      step: () => _("Do what is asked, one step after the other, and hold each for a moment."),
      flat: () => _("Turn your own head, in good light, with nothing between you and the camera. If you cannot, choose the other way below the picture."),
    };
    return [_("Your movement was not recognised"), (told[body?.reason] ?? (() => _("Try again; the steps are drawn anew.")))()];
  },
  guardian_consent_missing: () => [_("A guardian has to agree first"), _("The school sends your guardian a link. Until then, your teacher marks you by hand.")],
  picture_used: () => [_("This picture was used before"), _("Each mark needs a picture of this moment. Look into the camera.")],
  faces_differ: () => [_("The pictures do not show the same person"), _("Take all pictures of yourself again.")],
  face_taken: () => [_("This face is enrolled for another student"), _("If it is yours, tell your teacher: two accounts may be yours.")],
  image_unreadable: () => [_("This picture cannot be read"), _("Take a JPEG, PNG or WebP file.")],
  heic_unsupported: () => [_("HEIC pictures are not read"), _("Save it as JPEG and choose it again. On an iPhone: Settings, Camera, Formats, Most Compatible.")],
  image_too_large: () => [_("The picture is larger than 10 MB"), _("Choose a smaller one.")],
};

const atMost = ({ limit }) => n_("At most {n} character is allowed.", "At most {n} characters are allowed.", limit);
const atLeast = ({ limit }) =>
  limit > 1 ? n_("At least {n} character is needed.", "At least {n} characters are needed.", limit) : _("Fill this in.");

// What is wrong with a field, by the kind of mistake that the server names.
const FIELD = {
  missing: () => _("Fill this in."),
  string_too_short: atLeast,
  too_short: atLeast,
  string_too_long: atMost,
  too_long: atMost,
  greater_than: ({ limit }) => _("More than {limit} is needed.", { limit: number(limit) }),
  greater_than_equal: ({ limit }) => _("It must be at least {limit}.", { limit: bound(limit) }),
  less_than_equal: ({ limit }) => _("It must be at most {limit}.", { limit: bound(limit) }),
  control_character: () => _("It contains a character that cannot be typed."),
  blank_text: () => _("There is nothing in it that anybody could see."),
  student_number: () => _("A number begins with a letter or digit, and has only letters, digits, spaces, dots, hyphens and underscores."),
  username: () => _("A user name begins with a letter or digit; after it come letters, digits, dots, hyphens and underscores."),
  password: () => _("A password has at least 8 characters and at most 72 bytes (letters outside English take several)."),
  zone: () => _("A time zone is needed, such as Europe/Berlin."),
  before_from: () => _("The last day lies before the first."),
  same_student: () => _("A pair has two different students."),
  file: () => _("A file is needed."),
  before_start: () => _("The end lies before the start."),
  past: () => _("This moment has passed."),
  future: () => _("This moment is still to come."),
  not_accepted: () => _("A reason goes with excusing only."),
  named_twice: () => _("One student is named twice."),
  too_many_days: () => _("These are too many days at once."),
  unknown: () => _("This is not known here. Choose one from the list."),
  network: () => _("A network is needed, such as 192.0.2.0/24 or 2001:db8::/48."),
  session_code: () => _("A code has 4 to 12 letters and digits."),
  push_service: () => _("Messages cannot be sent to this browser from here."),
  push_key: () => _("This browser gave a key that nobody can use."),
  url: () => _("Messages cannot be sent to this address."),
  https: () => _("The address begins with https://, and has no spaces and no password."),
  one_of_two: () => _("An address or a file is needed, one of the two."),
  own_course: () => _("This is the course's own teacher."),
  amount_missing: () => _("Fill this in."),
  days_missing: () => _("Fill this in."),
  amount_too_large: () => _("It must be at most {limit}.", { limit: number(100) }),
  amount_not_whole: () => _("A whole number is needed."),
  not_another: () => _("Choose another, active teacher."),
};

function bound(limit) {
  return typeof limit === "number" ? number(limit) : date(limit, { dateStyle: "medium", timeZone: "UTC" });
}

export function fieldText(error) {
  if (Object.hasOwn(FIELD, error.type)) return FIELD[error.type](error);
  if (/^(int|float|decimal)_/.test(error.type)) return _("A number is needed.");
  if (/^(date|time)/.test(error.type)) return _("A date or time is needed.");
  if (error.field === "email") return _("This is not an e-mail address.");
  return error.message;
}

// What the browser finds wrong with a field, in the language of the page (its own may be another).
export function invalidText(field) {
  const { validity } = field;
  const given = field.type === "number" ? Number(field.value) : field.value;
  if (validity.customError) return field.validationMessage;
  if (validity.badInput) return field.type === "number" ? _("A number is needed.") : _("A date or time is needed.");
  if (validity.valueMissing) return field.type === "checkbox" ? _("Tick this to go on.") : _("Fill this in.");
  if (validity.typeMismatch) return field.type === "email" ? _("This is not an e-mail address.") : _("This is not a web address.");
  if (validity.tooShort) return atLeast({ limit: field.minLength });
  if (validity.tooLong) return atMost({ limit: field.maxLength });
  if (validity.rangeUnderflow) return FIELD.greater_than_equal({ limit: typeof given === "number" ? Number(field.min) : field.min });
  if (validity.rangeOverflow) return FIELD.less_than_equal({ limit: typeof given === "number" ? Number(field.max) : field.max });
  if (validity.stepMismatch) return _("A whole number is needed.");
  return _("This does not belong here.");
}

const learned = {};

// More problems, or other words for some, where a page has other readers.
export function learn(sentences) {
  Object.assign(learned, sentences);
}

export function explain(problem) {
  const known = learned[problem.code] ?? SENTENCES[problem.code];
  const [field] = problem.body?.errors ?? [];
  const [title, help] = known
    ? known(problem)
    : [_("That did not work"), field ? fieldText(field) : problem.detail || _("Try again.")];
  return { title, help };
}
