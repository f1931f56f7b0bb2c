// How a status of the API is called and coloured.

import { _ } from "../common/strings.js";
import { el } from "../common/ui.js";

const NAMES = {
  present: () => _("Present"),
  late: () => _("Late"),
  absent: () => _("Absent"),
  excused: () => _("Excused"),
};

export function badge(status) {
  return el("span", { class: `badge ${status}` }, NAMES[status]());
}
