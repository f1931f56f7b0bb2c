// Students who ask to be let into a course: let in or declined with one tap each.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { courseName } from "../common/names.js";
import { _, time } from "../common/strings.js";
import { learn } from "../common/problems.js";
import { busy, el, fail, notify } from "../common/ui.js";

learn({
  join_request_decided: () => [_("Somebody else has decided this already"), _("The list is up to date now.")],
});

export class JoinRequests {
  // section: where they stand, with a list in it; path: which are asked for; names: whether the course is said
  constructor(section, path, { names = true, decided = () => {} } = {}) {
    this.section = section;
    this.names = names;
    this.decided = decided;
    ({ update: this.update } = inStep(() => api.get(path), ({ requests }) => this.#show(requests)));
    document.addEventListener("attendance:event", ({ detail }) => detail === "join_request_changed" && this.update().catch(fail));
  }

  #show(requests) {
    this.section.hidden = requests.length === 0;
    this.section.querySelector("ul").replaceChildren(...requests.map((request) => this.#line(request)));
  }

  #line(request) {
    const { name, student_id, course, created_at } = request;
    const about = [student_id, this.names ? courseName(course) : null, time(created_at)].filter(Boolean).join(" · ");
    const button = (label, accepted, kind) => el("button", {
      class: `tiny ${kind}`,
      "aria-label": `${label}: ${name}`,
      onclick: (event) => busy(event.currentTarget, () => this.#decide(request, accepted)),
    }, label);
    return el("li", {}, el("strong", {}, name), " ", el("span", { class: "small" }, about), " ",
      button(_("Let in"), true, ""), " ", button(_("Decline"), false, "secondary outline"));
  }

  async #decide({ id, name }, accepted) {
    try {
      await api.post(`/course/requests/${id}/decide`, { json: { accepted } });
      if (accepted) notify("good", _("{name} is in the course now.", { name }), { key: "let-in" });
    } catch (error) {
      fail(error);
    }
    await this.update().catch(fail);
    this.decided();
  }
}
