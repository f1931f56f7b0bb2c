// Requests to be excused: asked, and what each course has decided.

import { courseLine, days } from "../common/absences.js";
import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { _ } from "../common/strings.js";
import { $, el, fail, notify, onSubmit } from "../common/ui.js";

function card(absence) {
  const open = absence.courses.every(({ state }) => state === "open");
  return el("article", {},
    el("h3", {}, days(absence)),
    el("blockquote", {}, absence.reason),
    el("ul", {}, ...absence.courses.map(courseLine)),
    open ? el("p", { class: "actions" }, el("button", {
      class: "secondary outline", "aria-label": `${_("Take back")}: ${days(absence)}`, onclick: () => withdraw(absence).catch(fail),
    }, _("Take back"))) : null,
  );
}

const { update } = inStep(() => api.get("/absence/mine"), ({ absences }) => {
  $("#asked").replaceChildren(...absences.map(card));
  $("#asked").setAttribute("aria-busy", "false");
  $("#none").hidden = absences.length > 0;
});

async function withdraw(absence) {
  const done = await ask({
    title: _("Take this request back?"), yes: _("Take back"), danger: true, run: () => api.delete(`/absence/${absence.id}`),
  });
  if (done) await update();
}

const form = $("#ask");
onSubmit(form, async ({ from, to, reason }) => {
  await api.post("/absence", { json: { from, to: to || null, reason: reason.trim() } });
  form.reset();
  notify("good", _("Sent to your teachers."));
  await update().catch(fail);
});
connect({ on: { absence_changed: () => update().catch(fail) }, catchUp: update });
update().catch(fail);
