// Students whose faces a mark does not tell apart: a table of pairs, to allow and withdraw.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, date, number } from "../common/strings.js";
import { el, fail } from "../common/ui.js";

export const distance = (value) => number(value, { maximumFractionDigits: 3 });

const numbers = (pair) => pair.students.map((student) => student.student_id);
const named = (pair) => pair.students.map((student) => student.name).join(", ");

// A list that fills `rows`, a table's body; `shown` gets the pairs after each reading, of those that
// `wanted` lets through.
export function lookAlikes(rows, shown, wanted = () => true) {
  const list = inStep(() => api.get("/look-alikes"), (answer) => {
    const pairs = answer.pairs.filter(wanted);
    rows.replaceChildren(...pairs.map(line));
    rows.setAttribute("aria-busy", "false");
    shown(pairs);
  });

  function line(pair) {
    const names = pair.students.map((student) => `${student.name} (${student.student_id})`);
    const [label, act, kind] = pair.allowed_at ? [_("Withdraw"), withdraw, "outline danger tiny"] : [_("Allow"), allow, "outline tiny"];
    return el("tr", {},
      el("th", { scope: "row" }, names[0], el("br"), names[1]),
      el("td", {}, pair.distance === null ? "–" : distance(pair.distance)),
      el("td", { class: "nowrap" }, pair.allowed_at ? date(pair.allowed_at) : _("not allowed")),
      el("td", { class: "row-actions" },
        el("button", { class: kind, "aria-label": `${label}: ${named(pair)}`, onclick: () => act(pair) }, label),
      ),
    );
  }

  async function allow(pair) {
    const done = await ask({
      title: _("Allow {pair} as a pair?", { pair: named(pair) }),
      text: _("Either can then be marked where the other's face is nearer. The audit log keeps who allowed it."),
      yes: _("Allow"),
      run: () => api.post("/look-alikes/allowed", { json: { student_ids: numbers(pair) } }),
    });
    if (done) await list.update().catch(fail);
  }

  async function withdraw(pair) {
    const [student_id, other_id] = numbers(pair);
    const done = await ask({
      title: _("Allow {pair} no longer?", { pair: named(pair) }),
      text: _("Each is refused again where the other's face is nearer. Marks stay."),
      yes: _("Withdraw"),
      danger: true,
      run: () => api.delete(`/look-alikes/allowed?${new URLSearchParams({ student_id, other_id })}`),
    });
    if (done) await list.update().catch(fail);
  }

  return list;
}
