// States, statuses and methods in the language of the page.

import { _ } from "./strings.js";

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
  manual: () => _("By hand"),
  active: () => _("Active"),
  pending: () => _("Waits for approval"),
  suspended: () => _("Suspended"),
  accepted: () => _("Accepted"),
  rejected: () => _("Refused"),
};

export function word(name) {
  return WORDS[name]?.() ?? name ?? "";
}
