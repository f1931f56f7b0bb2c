// Error rates on the school's own data, and students whose faces the level does not tell apart.

import { api } from "../common/api.js";
import { _, number } from "../common/strings.js";
import { distance, lookAlikes } from "../teacher/look_alikes.js";
import "../teacher/teaching_problems.js";
import { $, el, fail, onSubmit, opensEmpty } from "../common/ui.js";

const dialog = $("#new");
const rate = (value) => number(value, { style: "percent", maximumSignificantDigits: 2 });

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

const { update } = lookAlikes($("#rows"), (pairs) => {
  $("#none").hidden = pairs.length > 0;
});

opensEmpty($("#add"), dialog);
onSubmit($("form", dialog), async ({ one, other }) => {
  await api.post("/look-alikes/allowed", { json: { student_ids: [one.trim(), other.trim()] } });
  dialog.close();
  await update().catch(fail);
});

api.get("/admin/accuracy").then(show).catch(fail);
update().catch(fail);
