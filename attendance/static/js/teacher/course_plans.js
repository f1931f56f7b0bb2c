// The weekly plan of a course.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, date, locale, n_ } from "../common/strings.js";
import { $, el, fail, onSubmit, opensEmpty } from "../common/ui.js";

const MONDAY = Date.UTC(2024, 0, 1); // any Monday: the browser knows the names of the days
const DAY_MS = 86_400_000;
const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
const dayName = (day) => weekday.format(MONDAY + DAYS.indexOf(day) * DAY_MS);
const noon = (day) => `${day}T12:00:00`;

export class CoursePlans {
  constructor(path) {
    this.path = path;
    const show = ({ plans }) => $("#plans").replaceChildren(...plans.map((plan) => this.#line(plan)));
    ({ update: this.update } = inStep(() => api.get(`${path}/plans`), show));
    this.dialog = $("#plan-dialog");
    this.form = $("form", this.dialog);
    opensEmpty($("#plan"), this.dialog);
    onSubmit(this.form, (fields) => this.#save(fields));
  }

  #line(plan) {
    const days = plan.days.map(dayName).join(", ");
    const text = [
      `${days}, ${plan.start_time}`,
      n_("{n} minute", "{n} minutes", plan.duration_minutes),
      `${date(noon(plan.from))} – ${date(noon(plan.to))}`,
      plan.automatic ? _("opens and closes by itself") : null,
    ].filter(Boolean).join(" · ");
    return el("li", {}, text, " ",
      el("button", { class: "outline secondary tiny", "aria-label": `${_("Delete")}: ${days}, ${plan.start_time}`, onclick: () => this.#remove(plan) }, _("Delete")),
    );
  }

  async #save(fields) {
    const days = new FormData(this.form).getAll("days");
    if (days.length === 0) {
      $(".form-error", this.form).textContent = _("Choose at least one day.");
      return;
    }
    await api.post(`${this.path}/plans`, {
      json: {
        days,
        start_time: fields.start_time,
        duration_minutes: Number(fields.duration_minutes),
        from: fields.from,
        to: fields.to,
        late_after_minutes: fields.late_after_minutes === "" ? null : Number(fields.late_after_minutes),
        automatic: this.form.elements.automatic.checked,
      },
    });
    this.dialog.close();
    await this.update().catch(fail);
  }

  async #remove(plan) {
    const done = await ask({
      title: _("Delete this plan?"),
      text: _("Sessions that were held stay."),
      yes: _("Delete"),
      danger: true,
      run: () => api.delete(`/plan/${plan.id}`),
    });
    if (done) await this.update().catch(fail);
  }
}
