// Requests to be excused: asked, and what each course has decided.

import { courseLine, days } from "../common/absences.js";
import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { reasons } from "../common/reasons.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { _ } from "../common/strings.js";
import { $, el, fail, notify, onSubmit } from "../common/ui.js";

function card(absence, all) {
  const open = absence.courses.every(({ state }) => state === "open");
  const undecided = open || absence.courses.some(({ state }) => state === "open");
  const note = absence.note ? _("Replace the picture") : _("Add a picture of a note");
  return el("article", {},
    el("h3", {}, days(absence)),
    el("blockquote", {}, absence.reason),
    el("ul", {}, ...absence.courses.map((line) => courseLine(line, all))),
    absence.note ? el("p", { class: "small" }, _("With the picture of a note")) : null,
    undecided ? el("p", { class: "actions" },
      el("button", { class: "secondary outline", "aria-label": `${note}: ${days(absence)}`, onclick: () => addNote(absence, note).catch(fail) }, note),
      open ? el("button", {
        class: "secondary outline", "aria-label": `${_("Take back")}: ${days(absence)}`, onclick: () => withdraw(absence).catch(fail),
      }, _("Take back")) : null) : null,
  );
}

const { update } = inStep(() => Promise.all([api.get("/absence/mine"), reasons()]), ([{ absences }, all]) => {
  $("#asked").replaceChildren(...absences.map((absence) => card(absence, all)));
  $("#asked").setAttribute("aria-busy", "false");
  $("#none").hidden = absences.length > 0;
});

async function withdraw(absence) {
  const done = await ask({
    title: _("Take this request back?"), yes: _("Take back"), danger: true, run: () => api.delete(`/absence/${absence.id}`),
  });
  if (done) await update();
}

async function sendNote(id, image) {
  const note = new FormData();
  note.append("image", image);
  await api.put(`/absence/${id}/note`, { form: note });
}

async function addNote(absence, title) {
  const field = el("input", { type: "file", name: "image", required: true, accept: "image/jpeg,image/png,image/webp" });
  const done = await ask({
    title,
    text: _("Only those who decide see the picture. It is stored encrypted, and deleted after the decision."),
    body: [el("label", {}, _("Picture of a note"), " ", field)],
    yes: _("Send"),
    run: ({ image }) => sendNote(absence.id, image),
  });
  if (done) await update();
}

const form = $("#ask");
onSubmit(form, async ({ from, to, reason, image }) => {
  const { absence } = await api.post("/absence", { json: { from, to: to || null, reason: reason.trim() } });
  form.reset();
  notify("good", _("Sent to your teachers."));
  // a picture that is refused can be sent again; the request has been made
  if (image.size) await sendNote(absence.id, image).catch(fail);
  await update().catch(fail);
});
connect({ on: { absence_changed: () => update().catch(fail) }, catchUp: update });
update().catch(fail);
