// A course's weekly plan, and who is excused.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { path } from "./course_page.js";
import { CoursePlans } from "./course_plans.js";
import { inStep } from "../common/in_step.js";
import { chosenReason, offer, reasonField, reasons, reasonText } from "../common/reasons.js";
import { byName } from "../common/search.js";
import { _, date } from "../common/strings.js";
import { $, busy, el, fail } from "../common/ui.js";

const plans = new CoursePlans(path);

// -- excuses

function excuseLine(excuse, all) {
  const given = all.find(({ id }) => id === excuse.reason_id);
  const said = [given && reasonText(given), excuse.reason].filter(Boolean).join(" · ");
  const days = [...new Set([excuse.from, excuse.to])].map((day) => date(`${day}T12:00:00`)).join(" – ");
  return el("li", {}, `${excuse.name}, ${days}`, said ? `: ${said} ` : " ",
    el("button", { class: "outline secondary tiny", "aria-label": `${_("Take back")}: ${excuse.name}, ${days}`, onclick: () => takeBack(excuse) }, _("Take back")),
  );
}

const { update: updateExcuses } = inStep(() => Promise.all([api.get(`${path}/excuses`), reasons()]), ([{ excuses }, all]) => {
  $("#excuses").replaceChildren(...excuses.map((excuse) => excuseLine(excuse, all)));
  $("#excuses").setAttribute("aria-busy", "false");
  $("#no-excuse").hidden = excuses.length > 0;
});

async function takeBack(excuse) {
  const done = await ask({
    title: _("Take this excuse back?"),
    text: _("What {name} missed on these days counts as absent again.", { name: excuse.name }),
    yes: _("Take back"),
    danger: true,
    run: () => api.delete(`/excuse/${excuse.id}`),
  });
  if (done) await updateExcuses().catch(fail);
}

$("#excuse").addEventListener("click", (event) => busy(event.currentTarget, () => excuse().catch(fail)));

async function excuse() {
  const { students } = await api.get(`${path}/students`);
  const options = students.sort(byName).map(({ student_id, name }) => el("option", { value: student_id }, `${name} (${student_id})`));
  const why = reasonField();
  await offer(why, "excused");
  const done = await ask({
    title: _("Excuse a student"),
    body: [
      el("label", {}, _("Student"), el("select", { name: "student_id", required: true }, el("option", { value: "" }), ...options)),
      el("label", {}, _("First day"), el("input", { type: "date", name: "from", required: true })),
      el("label", {}, _("Last day"), el("input", { type: "date", name: "to" })),
      ...(why.hidden ? [] : [why]),
      el("label", {}, _("Reason"), el("input", { name: "reason", maxlength: 200, autocomplete: "off" })),
    ],
    yes: _("Save"),
    run: ({ student_id, from, to, reason, ...fields }) =>
      api.post(`${path}/excuses`, { json: { student_id, from, to: to || null, reason: reason.trim() || null, reason_id: chosenReason(fields) } }),
  });
  if (done) await updateExcuses().catch(fail);
}

Promise.all([plans.update(), updateExcuses()]).catch(fail);
