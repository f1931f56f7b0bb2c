// A roll call on a session's list: a tap or a key for each status, the rest at once, and the way back.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { _, n_ } from "../common/strings.js";
import { $, $$, announce, busy, el, fail } from "../common/ui.js";
import { letter, word } from "../common/words.js";
import { STATUSES } from "./roll.js";

const UNDO_MS = 10_000; // how long the way back stays in view

const left = (n) => n_("{n} student is excused and stays so", "{n} students are excused and stay so", n);

function named(students) {
  const names = students.slice(0, 8).map(({ name }) => name).join(", ");
  return students.length > 8 ? `${names} … (${students.length})` : names;
}

export class RollCall {
  #hiding = null;

  // body: the table's; roll: the list; put(row): write a row of it and draw it; refresh(): ask the
  // server for all.
  constructor(body, { id, roll, put, refresh }) {
    this.body = body;
    this.path = `/session/${id}/attendance`;
    this.roll = roll;
    this.put = put;
    this.refresh = refresh;
    this.bar = $("#undo");
    body.addEventListener("keydown", (event) => this.#key(event));
  }

  // One student's status, at once on the page; what the server refuses is taken back.
  async mark(studentId, status) {
    const before = this.roll.get(studentId);
    const remark = before.remark ?? null; // a tap is about the status
    const reason_id = before.status === status ? before.reason_id ?? null : null; // and a reason belongs to one
    this.put({ ...before, status, reason_id, reason: reason_id === null ? null : before.reason, method: "manual", distance: null, marked_at: before.marked_at ?? new Date().toISOString() });
    announce(`${before.name}: ${word(status)}`);
    await this.#send({ changes: [{ student_id: studentId, status, remark, reason_id }] }, () => `${before.name}: ${word(status)}`);
  }

  // Everybody without a mark who was expected, after a question.
  askForRest() {
    const missing = this.roll.missing.length;
    return ask({
      title: _("Mark the rest"),
      text: n_("{n} student has no mark yet.", "{n} students have no mark yet.", missing),
      body: [...this.#apologies(), this.#choice("present", STATUSES)],
      yes: _("Mark them"),
      run: ({ rest }) => this.rest(rest),
    });
  }

  // Throws what fails.
  async rest(status) {
    const answer = await api.put(this.path, { json: { rest: status } });
    await this.refresh();
    const words = n_("{n} student: {status}", "{n} students: {status}", answer.changed, { status: word(status) });
    this.#offer(answer, answer.excused ? `${words} · ${left(answer.excused)}` : words);
  }

  // Who is to become what, as fields of a dialog; null where nobody is missing.
  restFields() {
    const { missing } = this.roll;
    if (!missing.length) return null;
    return [
      el("p", {}, n_("{n} student has no mark yet:", "{n} students have no mark yet:", missing.length), " ", named(missing)),
      ...this.#apologies(),
      this.#choice("absent", ["absent", "present", "excused"]),
    ];
  }

  // Whom the rest does not concern.
  #apologies() {
    const { excused } = this.roll;
    return excused.length ? [el("p", { class: "small" }, `${left(excused.length)}: `, named(excused), ". ", _("Mark by name whoever came all the same."))] : [];
  }

  #choice(chosen, statuses) {
    const options = statuses.map((status) =>
      el("label", {}, el("input", { type: "radio", name: "rest", value: status, checked: status === chosen }), " ", word(status)));
    return el("fieldset", { class: "statuses" }, el("legend", {}, _("They are")), ...options);
  }

  async #send(json, words) {
    try {
      this.#offer(await api.put(this.path, { json }), words());
    } catch (error) {
      fail(error);
      await this.refresh().catch(fail);
    }
  }

  #offer({ undo }, words) {
    if (undo === null) return;
    const back = el("button", { type: "button", class: "tiny" }, _("Undo"));
    back.addEventListener("click", () => busy(back, () => this.#undo(undo)));
    this.bar.replaceChildren(el("span", {}, words), back);
    this.bar.hidden = false;
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => this.#hide(), UNDO_MS);
  }

  async #undo(undo) {
    try {
      const { kept } = await api.post(`${this.path}/undo`, { json: { undo } });
      await this.refresh();
      const words = kept ? n_("{n} mark was changed since and stays.", "{n} marks were changed since and stay.", kept) : _("Undone");
      this.bar.replaceChildren(el("span", {}, words));
      announce(words);
    } catch (error) {
      fail(error);
    }
  }

  // It stays while somebody is about to press it.
  #hide() {
    if (this.bar.matches(":hover, :focus-within")) {
      this.#hiding = setTimeout(() => this.#hide(), UNDO_MS);
      return;
    }
    this.bar.hidden = true;
  }

  // P, L, A, E (as the page's language has them) mark and go on; arrows move between rows.
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const line = event.target.closest("tr");
    const status = STATUSES.find((each) => letter(each).toLowerCase() === event.key.toLowerCase());
    if (status) {
      const next = line.nextElementSibling ?? line;
      $(`[data-mark=${status}]`, line).click();
      $(`[data-mark=${status}]`, next).focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const to = event.key === "ArrowDown" ? line.nextElementSibling : line.previousElementSibling;
      const place = $$("button", line).indexOf(event.target);
      if (to) $$("button", to)[Math.max(place, 0)].focus();
    } else return;
    event.preventDefault();
  }
}
