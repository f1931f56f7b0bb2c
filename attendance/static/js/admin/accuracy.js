// Error rates on the school's own data, and students whose faces the level does not tell apart.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, date, number } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, el, fail, onSubmit, opensEmpty } from "../common/ui.js";

const dialog = $("#new");
const rate = (value) => number(value, { style: "percent", maximumSignificantDigits: 2 });
const distance = (value) => number(value, { maximumFractionDigits: 3 });

function facts(list, entries) {
  list.replaceChildren(...entries.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
}

function errors(found) {
  if (found === null) return _("nothing to compare yet");
  const { errors: wrong, comparisons, low, high } = found;
  return _("{rate} ({low} to {high}), {wrong} of {comparisons}", {
    rate: rate(found.rate), low: rate(low), high: rate(high), wrong: number(wrong), comparisons: number(comparisons),
  });
}

function show({ accuracy }) {
  facts($("#level"), [
    [_("Networks"), accuracy.model],
    [_("Largest distance of a mark"), distance(accuracy.threshold)],
    [_("Strangers who pass, on public photographs"), rate(accuracy.expected_fmr)],
  ]);
  facts($("#impostor"), [
    [_("Students who agreed"), number(accuracy.students)],
    [_("Face templates"), number(accuracy.templates)],
    [_("Taken for each other"), errors(accuracy.impostor)],
    [_("Not known by their other templates"), errors(accuracy.genuine)],
  ]);
  facts($("#marks"), [
    [_("Marks"), number(accuracy.marks)],
    ...Object.entries(accuracy.distances).map(([part, value]) => [_("{part} are as near as", { part }), distance(value)]),
    [_("Refused attempts"), number(accuracy.refused)],
    [_("of which the student was marked after all"), number(accuracy.refused_then_marked)],
  ]);
  $("#accuracy").setAttribute("aria-busy", "false");
}

function line(pair) {
  const names = pair.students.map((student) => `${student.name} (${student.student_id})`);
  const label = `${pair.students[0].name}, ${pair.students[1].name}`;
  const button = pair.allowed_at
    ? el("button", { class: "outline danger tiny", "aria-label": `${_("Withdraw")}: ${label}`, onclick: () => withdraw(pair, label) }, _("Withdraw"))
    : el("button", { class: "outline tiny", "aria-label": `${_("Allow")}: ${label}`, onclick: () => allow(pair, label) }, _("Allow"));
  return el("tr", {},
    el("th", { scope: "row" }, names[0], el("br"), names[1]),
    el("td", {}, pair.distance === null ? "–" : distance(pair.distance)),
    el("td", { class: "nowrap" }, pair.allowed_at ? date(pair.allowed_at) : _("not allowed")),
    el("td", { class: "row-actions" }, button),
  );
}

const { update } = inStep(() => api.get("/look-alikes"), ({ pairs }) => {
  $("#rows").replaceChildren(...pairs.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  $("#none").hidden = pairs.length > 0;
});

const numbers = (pair) => pair.students.map((student) => student.student_id);

async function allow(pair, label) {
  const done = await ask({
    title: _("Allow {pair} as a pair?", { pair: label }),
    text: _("Either can then be marked where the other's face is nearer. The audit log keeps who allowed it."),
    yes: _("Allow"),
    run: () => api.post("/look-alikes/allowed", { json: { student_ids: numbers(pair) } }),
  });
  if (done) await update().catch(fail);
}

async function withdraw(pair, label) {
  const [student_id, other_id] = numbers(pair);
  const done = await ask({
    title: _("Allow {pair} no longer?", { pair: label }),
    text: _("Each is refused again where the other's face is nearer. Marks stay."),
    yes: _("Withdraw"),
    danger: true,
    run: () => api.delete(`/look-alikes/allowed?${new URLSearchParams({ student_id, other_id })}`),
  });
  if (done) await update().catch(fail);
}

opensEmpty($("#add"), dialog);
onSubmit($("form", dialog), async ({ one, other }) => {
  await api.post("/look-alikes/allowed", { json: { student_ids: [one.trim(), other.trim()] } });
  dialog.close();
  await update().catch(fail);
});

api.get("/admin/accuracy").then(show).catch(fail);
update().catch(fail);
