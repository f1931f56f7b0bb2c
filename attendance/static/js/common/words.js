// Roles, states, statuses and methods in the language of the page.

import { _, n_, zoned } from "./strings.js";
import { el } from "./ui.js";

const WORDS = {
  present: () => _("Present"),
  late: () => _("Late"),
  absent: () => _("Absent"),
  excused: () => _("Excused"),
  awaited: () => _("Not yet"),
  open: () => _("Open"),
  locked: () => _("Locked"),
  ended: () => _("Ended"),
  face: () => _("Code and face"),
  qr_face: () => _("QR and face"),
  camera: () => _("Camera"),
  qr: () => _("QR"),
  manual: () => _("By hand"),
  active: () => _("Active"),
  pending: () => _("Waiting for approval"),
  suspended: () => _("Suspended"),
  accepted: () => _("Accepted"),
  rejected: () => _("Refused"),
  admin: () => _("Administrator"),
  co_teacher: () => _("Co-teacher"),
  assistant: () => _("Assistant"),
  substitute: () => _("Substitute"),
};

// What a mark rests on.
const EVIDENCE = {
  scan: () => _("Scan"),
  code: () => _("Typed code"),
  network: () => _("School’s network"),
  device: () => _("Own device"),
  alive: () => _("Turned the head"),
  face: () => _("Face"),
  pin: () => _("PIN"),
  passkey: () => _("Passkey"),
  kiosk: () => _("Kiosk"),
  camera: () => _("Camera of the room"),
  manual: () => _("By hand"),
  place: () => _("At the place"),
  elsewhere: () => _("Not at the place"),
  place_unknown: () => _("Place unknown"),
  confirmed: () => _("Face confirmed by a person"),
  doubt: () => _("Perhaps a picture"),
};

export const evidence = (words) => (words ?? []).map((name) => EVIDENCE[name]?.() ?? name).join(", ");

export function word(name) {
  return WORDS[name]?.() ?? name ?? "";
}

// One letter for each status, as it stands in narrow columns and is pressed as a key.
const LETTERS = { present: () => _("P"), late: () => _("L"), absent: () => _("A"), excused: () => _("E") };

export const letter = (status) => LETTERS[status]();

// The word in the colour of what it says, or other words in that colour.
export function badge(name, ...words) {
  return el("span", { class: `badge ${name}` }, ...(words.length ? words : [word(name)]));
}

// For how long somebody was there, where the course wants its students to check out; else nothing.
export function stayText(stay, zone = null) {
  if (!stay) return "";
  if (stay.not_checked_out) return _("not checked out");
  if (!stay.left_at) return "";
  const at = zoned(stay.left_at, zone, { hour: "numeric", minute: "2-digit" }, false);
  const text = n_("left at {time} after {n} minute", "left at {time} after {n} minutes", stay.minutes, { time: at });
  return stay.left_early ? _("{text}, early", { text }) : text;
}
