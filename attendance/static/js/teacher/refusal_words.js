// Why a student's attempt to mark was refused, as a teacher reads it: not "your face".

import { Problem } from "../common/api.js";
import { _ } from "../common/strings.js";

const WORDS = {
  face_mismatch: () => _("The face was not recognised"),
  face_not_enrolled: () => _("No face is enrolled yet"),
  face_not_found: () => _("No face was found in the picture"),
  several_faces: () => _("Several faces were in the picture"),
  face_too_small: () => _("The face was too far away"),
  too_blurry: () => _("The picture was blurred"),
  too_dark: () => _("The picture was too dark"),
  not_alive: () => _("The head did not turn as asked, or it was a picture"),
  picture_used: () => _("The picture was used before"),
  faces_differ: () => _("The pictures showed different people"),
  wrong_network: () => _("Not in the school’s network"),
  device_used: () => _("The device had marked another student, or keeps no cookies"),
  scan_required: () => _("Typed a code where a scan is needed"),
  pin_wrong: () => _("The PIN was wrong"),
  passkey_invalid: () => _("The passkey did not fit"),
  not_enrolled: () => _("Not on the list of the course"),
  join_required: () => _("Wrong code"),
  join_expired: () => _("The code had expired"),
  session_locked: () => _("The session was locked"),
  session_ended: () => _("The session had ended"),
  too_many_tries: () => _("Too many attempts"),
  image_unreadable: () => _("The picture could not be read"),
  image_too_large: () => _("The picture was too large"),
};

export function refusalText(code) {
  return WORDS[code]?.() ?? new Problem(code).sentences.title;
}
