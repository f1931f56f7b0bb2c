// Faces that wait until somebody has confirmed whose they are: on the pages of a course and of all
// students.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { at } from "../common/paths.js";
import { _, date, n_, time } from "../common/strings.js";
import { $, el, fail, notify } from "../common/ui.js";

const box = $("#waiting-faces");

function line(row) {
  const about = row.replaces ? _("does not resemble the face that is enrolled") : _("the first face");
  const when = [`${date(row.proposed_at)}, ${time(row.proposed_at)}`];
  if (row.first_marks) when.push(n_("{n} mark waits for it", "{n} marks wait for it", row.first_marks));
  const button = (text, accepted) =>
    el("button", { type: "button", class: "outline secondary tiny", "aria-label": `${text}: ${row.name}`, onclick: () => decide(row, accepted) }, text);
  return el("li", {},
    faces(row),
    el("strong", {}, row.name), ` (${row.student_id}) `,
    el("span", { class: "small" }, `${about}; ${when.join("; ")}`), " ",
    button(_("Confirm"), true), " ", button(_("Refuse"), false),
  );
}

// The face that waits, and beside it the one that counts now, as far as there are pictures.
function faces(row) {
  const shown = [];
  if (row.before) shown.push(["before", _("The face that counts now")]);
  if (row.picture) shown.push(["new", _("The face that waits")]);
  return el("span", { class: "faces" }, ...shown.map(([which, text]) =>
    el("figure", {},
      el("img", { src: at(`/admin/enrolments/${row.id}/${which}.jpg`), alt: `${text}: ${row.name}`, width: 112, height: 112 }),
      el("figcaption", { class: "small" }, text),
    )));
}

async function decide(row, accepted) {
  const done = await ask({
    title: accepted ? _("Is this the face of {name}?", { name: row.name }) : _("Refuse the face for {name}?", { name: row.name }),
    text: accepted
      ? _("Confirm only when the student stands before you, or you have compared with the school’s records. The face then marks for this account.")
      : _("The new pictures are deleted. What was enrolled before stays."),
    yes: accepted ? _("Confirm") : _("Refuse"),
    danger: !accepted,
    run: () => api.post(`/admin/enrolments/${row.id}/decide`, { json: { accepted } }),
  });
  if (!done) return;
  notify("good", _("Saved."), { key: "saved" });
  await update().catch(fail);
}

async function update() {
  const { enrolments } = await api.get("/admin/enrolments");
  box.hidden = enrolments.length === 0;
  $("ul", box).replaceChildren(...enrolments.map(line));
}

update().catch(fail);
