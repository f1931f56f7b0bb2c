// What the one who looks at a course's page may do in it.

import { _ } from "../common/strings.js";
import { $ } from "../common/ui.js";
import { word } from "../common/words.js";

export const OWN = new Set(["owner", "administrator"]);
const ORGANISE = new Set([...OWN, "co_teacher"]);
const CORRECT = new Set([...ORGANISE, "substitute"]);
export const ROLES = ["co_teacher", "assistant", "substitute"];

export const mayOrganise = (role) => ORGANISE.has(role);

// What is on the page that this part in the course may not use is not offered.
export function showRights(role) {
  for (const [name, allowed] of [["own", OWN], ["organise", ORGANISE], ["correct", CORRECT]]) {
    for (const part of document.querySelectorAll(`[data-right="${name}"]`)) part.hidden = !allowed.has(role);
  }
}

// Said to whoever helps.
export function showPart(role) {
  const own = ROLES.includes(role) ? role : null;
  $("#own-part").hidden = own === null;
  $("#own-part").textContent = own ? _("Your part in this course: {role}.", { role: word(own) }) : "";
}
