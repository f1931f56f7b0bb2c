// Who was refused in the session that the teacher looks at, and who wrote an appeal: at once, with what helps.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { _, CLOCK, n_, zoned } from "../common/strings.js";
import { refusalText } from "./refusal_words.js";
import { $, announce, busy, el, fail } from "../common/ui.js";

export class SessionRefused {
  zone = null; // of the times; null: the reader's

  // mark(studentId) marks somebody present by hand.
  constructor(id, mark) {
    this.mark = mark;
    const ask = () => Promise.all([api.get(`/session/${id}/refused`), api.get(`/session/${id}/appeals`)]);
    ({ update: this.update } = inStep(ask, ([{ refused }, { appeals }]) => this.#show(refused, appeals)));
  }

  // Somebody was refused just now.
  heard({ name, code }) {
    announce(`${name}: ${refusalText(code)}`);
    this.update().catch(fail);
  }

  #show(refused, appeals) {
    const open = appeals.filter(({ state }) => state === "open");
    $("#refused").hidden = refused.length + open.length === 0;
    $("#refused-list").replaceChildren(...refused.map((line) => this.#line(line)));
    $("#session-appeals").hidden = open.length === 0;
    $("#session-appeals a").textContent = n_("{n} appeal waits for you", "{n} appeals wait for you", open.length);
  }

  #line({ student_id, name, code, refused_at, attempts }) {
    const present = el("button", { class: "tiny outline", "aria-label": `${_("Mark present")}: ${name}`,
      onclick: (event) => busy(event.currentTarget, async () => {
        await this.mark(student_id).catch(fail);
        await this.update().catch(fail);
      }) }, _("Mark present"));
    return el("li", {}, el("strong", {}, name), " ", el("span", { class: "small" }, `${student_id} · ${zoned(refused_at, this.zone, CLOCK)} · ${n_("{n} attempt", "{n} attempts", attempts)}`), " ",
      refusalText(code), " ", present);
  }
}
