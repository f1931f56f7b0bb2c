// Three students to look at: those whose marks rest on the least.

import { api } from "../common/api.js";
import { tell } from "../common/ask.js";
import { _ } from "../common/strings.js";
import { el } from "../common/ui.js";
import { evidence } from "../common/words.js";

// open(studentId) is called for the one who is to be marked otherwise.
export async function spotCheck(id, open) {
  const { students } = await api.get(`/session/${id}/spot-check`);
  const line = ({ student_id, name, evidence: words }) => {
    const away = () => {
      dialog.close();
      open(student_id);
    };
    return el("li", {},
      el("strong", {}, name), ` (${student_id}) `,
      el("span", { class: "small" }, evidence(words)), " ",
      el("button", { type: "button", class: "outline secondary tiny", "aria-label": `${_("Not here")}: ${name}`, onclick: away }, _("Not here …")),
    );
  };
  const body = students.length
    ? [el("p", {}, _("Their marks rest on less than those of the others. That says nothing about them.")), el("ul", {}, ...students.map(line))]
    : [el("p", {}, _("Nobody has marked by a phone yet."))];
  const dialog = tell({ title: _("Look at these three"), body });
}
