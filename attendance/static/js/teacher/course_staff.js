// Who helps in a course.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { OWN, ROLES } from "./course_rights.js";
import { inStep } from "../common/in_step.js";
import { _, date, time } from "../common/strings.js";
import { $, el, fail } from "../common/ui.js";
import { badge, word } from "../common/words.js";

const WHAT = {
  co_teacher: () => _("does all that you do, but for archiving and deleting the course and choosing who helps"),
  assistant: () => _("starts sessions and marks by hand"),
  substitute: () => _("starts sessions, marks, corrects and decides appeals, until a day"),
};

export class CourseStaff {
  constructor(path) {
    this.path = `${path}/staff`;
    ({ update: this.update } = inStep(() => api.get(this.path), ({ staff }) => this.#show(staff)));
    $("#ask-helper").addEventListener("click", () => this.#ask());
  }

  // Who looks at the page, once the course is known.
  set role(role) {
    this.mayChange = OWN.has(role);
  }

  #show(staff) {
    $("#staff").replaceChildren(...staff.map((helper) => this.#line(helper)));
    $("#no-staff").hidden = staff.length > 0;
    $("#staff").setAttribute("aria-busy", "false");
  }

  #line(helper) {
    const until = helper.until
      ? helper.ended
        ? _("ended on {day}", { day: date(helper.until) })
        : _("until {day}, {time}", { day: date(helper.until), time: time(helper.until) })
      : null;
    return el("li", {}, el("strong", {}, helper.name), " ", el("span", { class: "small" }, helper.email), " ",
      badge(helper.ended ? "ended" : "active", word(helper.role)), " ", until, " ",
      this.mayChange
        ? el("button", { class: "outline secondary tiny", "aria-label": `${_("Remove")}: ${helper.name}`, onclick: () => this.#remove(helper) }, _("Remove"))
        : null,
    );
  }

  async #ask() {
    const roles = ROLES.map((role) => el("option", { value: role }, `${word(role)}: ${WHAT[role]()}`));
    const done = await ask({
      title: _("Let a colleague help"),
      text: _("The colleague needs a teacher's account here, and sees the course at once."),
      body: [
        el("label", {}, _("E-mail address"), el("input", { name: "email", type: "email", required: true, maxlength: 254, autocomplete: "off" })),
        el("label", {}, _("Part"), el("select", { name: "role" }, ...roles)),
        el("label", {}, _("Last day"), el("input", { name: "until", type: "date" }), el("small", {}, _("Empty: until you end it."))),
      ],
      yes: _("Let in"),
      run: ({ email, role, until }) => api.post(this.path, { json: { email: email.trim(), role, until: until || null } }),
    });
    if (done) await this.update().catch(fail);
  }

  async #remove(helper) {
    const done = await ask({
      title: _("Remove {name}?", { name: helper.name }),
      text: _("From now on {name} neither sees nor changes this course. What was marked stays.", { name: helper.name }),
      yes: _("Remove"),
      danger: true,
      run: () => api.delete(this.path, { json: { email: helper.email } }),
    });
    if (done) await this.update().catch(fail);
  }
}
