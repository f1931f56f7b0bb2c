// Who has marked with a first face that nobody has confirmed yet: the picture beside the name, for
// whoever has the student in view.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { at } from "../common/paths.js";
import { _, CLOCK, zoned } from "../common/strings.js";
import { $, announce, busy, el, fail } from "../common/ui.js";

export class SessionFirstMarks {
  zone = null; // of the times; null: the reader's

  // shown(studentIds) hears who waits.
  constructor(id, shown) {
    this.shown = shown;
    const ask = () => api.get(`/session/${id}/first-marks`);
    ({ update: this.update } = inStep(ask, ({ first_marks }) => this.#show(first_marks)));
  }

  // Somebody has marked so just now.
  heard({ name }) {
    announce(_("{name} marked with a face that nobody has confirmed yet", { name }));
    this.update().catch(fail);
  }

  #show(rows) {
    this.shown(rows.map(({ student_id }) => student_id));
    $("#first-marks").hidden = rows.length === 0;
    $("#first-marks-list").replaceChildren(...rows.map((row) => this.#line(row)));
  }

  #line({ student_id, name, enrolment, picture, marked_at }) {
    const image = picture
      ? el("img", { src: at(`/admin/enrolments/${enrolment}/new.jpg`), alt: `${_("The face that waits")}: ${name}`, width: 112, height: 112 })
      : null;
    const button = (text, accepted, kind) =>
      el("button", { type: "button", class: `tiny outline${kind}`, "aria-label": `${text}: ${name}`,
        onclick: (event) => busy(event.currentTarget, () => this.#decide(enrolment, accepted).catch(fail)) }, text);
    return el("li", {}, image,
      el("div", {}, el("strong", {}, name), " ", el("span", { class: "small" }, `${student_id} · ${zoned(marked_at, this.zone, CLOCK)}`)),
      el("p", { class: "actions" }, button(_("Confirm"), true, ""), button(_("Refuse"), false, " secondary")));
  }

  async #decide(enrolment, accepted) {
    await api.post(`/admin/enrolments/${enrolment}/decide`, { json: { accepted } });
    await this.update();
  }
}
