// The rows of a session's list. Only what changed is touched, so that the focus stays.

import { initials } from "../common/names.js";
import { _, zoned } from "../common/strings.js";
import { $, $$, el } from "../common/ui.js";
import { evidence, letter, stayText, word } from "../common/words.js";

export class RollTable {
  #rows = new Map(); // student_id → tr
  zone = null; // of the times; null: the reader's

  // change(studentId) opens the dialog, mark(studentId, status) takes a tap.
  constructor(body, template, { change, mark }) {
    this.body = body;
    this.template = template;
    this.change = change;
    this.mark = mark;
  }

  show(rows) {
    const wanted = rows.map((row) => this.#row(row));
    const keep = new Set(wanted);
    for (const line of $$("tr", this.body)) if (!keep.has(line)) line.remove();
    let after = null;
    for (const line of wanted) {
      const place = after ? after.nextSibling : this.body.firstChild;
      if (place !== line) this.body.insertBefore(line, place);
      after = line;
    }
  }

  #row(row) {
    const fresh = !this.#rows.has(row.student_id);
    if (fresh) this.#rows.set(row.student_id, this.#make(row.student_id));
    const line = this.#rows.get(row.student_id);
    const state = `${JSON.stringify(row)}${this.zone ?? ""}`;
    if (line.dataset.row !== state) this.#fill(line, row, state);
    return line;
  }

  #make(studentId) {
    const line = this.template.content.firstElementChild.cloneNode(true);
    $("[data-slot=change]", line).addEventListener("click", () => this.change(studentId));
    for (const button of $$("[data-mark]", line)) {
      button.textContent = letter(button.dataset.mark);
      button.addEventListener("click", () => this.mark(studentId, button.dataset.mark));
    }
    return line;
  }

  #fill(line, row, state) {
    line.dataset.row = state;
    line.dataset.status = row.status;
    const slot = (name) => $(`[data-slot=${name}]`, line);
    slot("name").textContent = row.name;
    slot("name").parentElement.dataset.initials = initials(row);
    slot("student_id").textContent = row.student_id;
    slot("status").textContent = word(row.status);
    slot("status").className = `badge ${row.status}`;
    slot("remark").textContent = [row.apology && _("Excused in advance"), row.reason, row.remark].filter(Boolean).join(" · ");
    const arrived = row.marked_at ? zoned(row.marked_at, this.zone, { hour: "numeric", minute: "2-digit" }, false) : "";
    slot("method").textContent = evidence(row.evidence) || word(row.method);
    slot("weak").hidden = !row.weak;
    const stayed = stayText(row.stay, this.zone);
    slot("time").replaceChildren(arrived, stayed ? el("div", { class: "small" }, stayed) : "");
    slot("about").replaceChildren(el("bdi", {}, row.student_id), arrived ? " · " : "", el("bdi", {}, arrived), stayed ? ` · ${stayed}` : ""); // on phones
    slot("marks").setAttribute("aria-label", row.name);
    slot("change").setAttribute("aria-label", `${_("Change")}: ${row.name}`);
    for (const button of $$("[data-mark]", line)) {
      button.setAttribute("aria-pressed", String(button.dataset.mark === row.status));
      button.setAttribute("aria-label", `${word(button.dataset.mark)}: ${row.name}`);
      button.title = word(button.dataset.mark);
    }
  }
}
