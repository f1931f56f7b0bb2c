// The weekly plan of a course: made, changed, its lessons ahead skipped or moved.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, CLOCK, clockTime, date, DAY, dayName, MOMENT, n_, zoned } from "../common/strings.js";
import { $, $$, el, fail, onSubmit, opensEmpty } from "../common/ui.js";

const DAY_MS = 86_400_000;
const AHEAD_DAYS = 42;
const TERM_DAYS = 140;
const noon = (day) => `${day}T12:00:00`;
const dayText = (day) => date(noon(day), { weekday: "short", dateStyle: undefined, day: "numeric", month: "short", year: "numeric" });
const isoDay = (moment) => moment.toISOString().slice(0, 10);

function rhythm(weeks) {
  return weeks === 1 ? null : n_("every week", "every {n} weeks", weeks);
}

export class CoursePlans {
  constructor(path) {
    this.path = path;
    this.unfolded = new Set(); // plans whose lessons are shown, also after they were read again
    const read = async () => {
      const [{ plans }, ahead] = await Promise.all([api.get(`${path}/plans`), this.#ahead()]);
      return { plans, ahead };
    };
    const show = ({ plans, ahead }) => {
      $("#plans").setAttribute("aria-busy", "false");
      $("#no-plan").hidden = plans.length > 0;
      const line = (plan) => this.#line(plan, ahead.filter((one) => one.plan_id === plan.id));
      const of = (isTimetable) => plans.filter((plan) => (plan.timetable_id !== null) === isTimetable);
      $("#plans").replaceChildren(...of(false).map(line), ...this.#timetable(of(true).map(line)));
    };
    ({ update: this.update } = inStep(read, show));
    this.dialog = $("#plan-dialog");
    this.form = $("form", this.dialog);
    this.title = $("#plan-title").textContent;
    opensEmpty($("#plan"), this.dialog, () => {
      const now = Date.now();
      this.form.elements.start_time.value = "08:00";
      this.form.elements.from.value = isoDay(new Date(now)); // what is likely: about a term
      this.form.elements.to.value = isoDay(new Date(now + TERM_DAYS * DAY_MS));
      this.#begin(null);
    });
    onSubmit(this.form, (fields) => this.#save(fields));
    $("#plan-term").addEventListener("change", ({ target }) => {
      const chosen = this.terms?.find((term) => String(term.id) === target.value);
      if (chosen) Object.assign(this.form.elements.from, { value: chosen.from });
      if (chosen) Object.assign(this.form.elements.to, { value: chosen.to });
    });
  }

  async #ahead() {
    const now = Date.now();
    const query = new URLSearchParams({ from: isoDay(new Date(now)), to: isoDay(new Date(now + AHEAD_DAYS * DAY_MS)) });
    return (await api.get(`/session/planned?${query}`)).planned;
  }

  // The single lessons that a timetable has planned, folded: they may be hundreds.
  #timetable(lines) {
    if (lines.length === 0) return [];
    return [el("li", {},
      el("details", { open: this.unfolded.has("timetable"), ontoggle: ({ target }) => this.unfolded[target.open ? "add" : "delete"]("timetable") },
        el("summary", {}, n_("{n} lesson of a timetable", "{n} lessons of a timetable", lines.length)),
        el("ul", {}, ...lines),
      ),
    )];
  }

  #line(plan, ahead) {
    const days = plan.days.map(dayName).join(", ");
    const name = `${days}, ${clockTime(plan.start_time)}`;
    const text = [
      name,
      rhythm(plan.every_weeks),
      n_("{n} minute", "{n} minutes", plan.duration_minutes),
      plan.room && _("room {room}", { room: plan.room }),
      `${date(noon(plan.from))} – ${date(noon(plan.to))}`,
      plan.automatic ? _("opens and closes by itself") : null,
      plan.on_holidays ? _("also in holidays") : null,
    ].filter(Boolean).join(" · ");
    const button = (label, action, kind = "") => el("button", {
      class: `outline secondary tiny ${kind}`, "aria-label": `${label}: ${name}`, onclick: action,
    }, label);
    return el("li", {},
      el("p", {}, text, " ", button(_("Change"), () => this.#change(plan)), " ", button(_("Delete"), () => this.#remove(plan))),
      el("details", { open: this.unfolded.has(plan.id), ontoggle: ({ target }) => this.unfolded[target.open ? "add" : "delete"](plan.id) },
        el("summary", {}, n_("{n} lesson in the next six weeks", "{n} lessons in the next six weeks", ahead.length)),
        el("ul", {}, ...ahead.map((one) => this.#lesson(plan, one)), ...this.#skipped(plan)),
      ),
    );
  }

  #lesson(plan, { day, starts_at: startsAt, moved, state, timezone }) {
    const label = zoned(startsAt, timezone, MOMENT);
    const button = (text, action) => el("button", {
      class: "outline secondary tiny", "aria-label": `${text}: ${label}`, onclick: action,
    }, text);
    const began = state !== "planned";
    return el("li", {}, label, moved ? ` (${_("moved from {day}", { day: dayText(day) })})` : "", " ",
      began ? null : button(_("Skip"), () => this.#patch(plan, { exceptions: [...plan.exceptions, day] })), " ",
      began ? null : button(_("Move"), () => this.#move(plan, day)), " ",
      moved && !began ? button(_("Move back"), () => this.#patch(plan, { moves: plan.moves.filter((move) => move.day !== day) })) : null,
    );
  }

  #skipped(plan) {
    const today = isoDay(new Date());
    return plan.exceptions.filter((day) => day >= today).map((day) => el("li", {},
      el("del", {}, dayText(day)), " ",
      el("button", {
        class: "outline secondary tiny",
        "aria-label": `${_("Hold it after all")}: ${dayText(day)}`,
        onclick: () => this.#patch(plan, { exceptions: plan.exceptions.filter((one) => one !== day) }),
      }, _("Hold it after all")),
    ));
  }

  async #patch(plan, json) {
    try {
      await api.patch(`/plan/${plan.id}`, { json });
      await this.update();
    } catch (error) {
      fail(error);
    }
  }

  async #move(plan, day) {
    const before = plan.moves.find((move) => move.day === day);
    const to = el("input", { type: "date", name: "to", required: true, value: before?.to ?? day });
    const at = el("input", { type: "time", name: "start_time", required: true, value: before?.start_time ?? plan.start_time });
    const done = await ask({
      title: _("Move the lesson of {day}", { day: dayText(day) }),
      body: [el("div", { class: "grid" }, el("label", {}, _("To"), to), el("label", {}, _("Begins at"), at))],
      yes: _("Move"),
      run: (fields) => api.patch(`/plan/${plan.id}`, {
        json: {
          moves: [...plan.moves.filter((move) => move.day !== day), { day, to: fields.to, start_time: fields.start_time }],
        },
      }),
    });
    if (done) await this.update().catch(fail);
  }

  // What a change does to the lessons ahead, in words.
  #difference({ day, before, after }, zone) {
    const [moment, clock] = [MOMENT, CLOCK].map((shown) => (at) => zoned(at, zone, shown));
    const dayOf = (at) => zoned(at, zone, DAY, false);
    if (!before) return _("new: {when}", { when: moment(after) });
    if (!after) return _("no longer: {when}", { when: moment(before) });
    return dayOf(before) === dayOf(after)
      ? _("{day}: {before} becomes {after}", { day: dayText(day), before: clock(before), after: clock(after) })
      : _("{before} becomes {after}", { before: moment(before), after: moment(after) });
  }

  async #begin(plan) {
    this.changed = plan;
    $("#plan-title").textContent = plan ? _("Change the plan") : this.title;
    const { terms } = await api.get("/school/days").catch(() => ({ terms: [] }));
    this.terms = terms;
    const chooser = $("#plan-term");
    chooser.replaceChildren(el("option", { value: "" }, _("days of its own")), ...terms.map((term) => el("option", { value: String(term.id) }, term.name)));
    chooser.closest("label").hidden = terms.length === 0;
  }

  async #change(plan) {
    this.form.reset();
    await this.#begin(plan);
    const { elements } = this.form;
    for (const name of ["start_time", "duration_minutes", "from", "to", "every_weeks"]) elements[name].value = String(plan[name]);
    elements.room.value = plan.room ?? "";
    elements.late_after_minutes.value = plan.late_after_minutes ?? "";
    elements.automatic.checked = plan.automatic;
    elements.on_holidays.checked = plan.on_holidays;
    for (const box of $$("[name=days]", this.form)) box.checked = plan.days.includes(box.value);
    this.dialog.showModal();
  }

  async #save(fields) {
    const days = new FormData(this.form).getAll("days");
    if (days.length === 0) {
      $(".form-error", this.form).textContent = _("Choose at least one day.");
      return;
    }
    const json = {
      days,
      start_time: fields.start_time,
      duration_minutes: Number(fields.duration_minutes),
      from: fields.from,
      to: fields.to,
      every_weeks: Number(fields.every_weeks),
      room: fields.room.trim() || null,
      late_after_minutes: fields.late_after_minutes === "" ? null : Number(fields.late_after_minutes),
      automatic: this.form.elements.automatic.checked,
      on_holidays: this.form.elements.on_holidays.checked,
    };
    if (this.changed) {
      const { changes } = await api.patch(`/plan/${this.changed.id}?dry_run=true`, { json });
      const run = () => api.patch(`/plan/${this.changed.id}`, { json });
      if (changes.length === 0) await run();
      else if (!(await this.#confirmed(changes, this.changed.timezone, run))) return;
    } else {
      await api.post(`${this.path}/plans`, { json });
    }
    this.dialog.close();
    await this.update().catch(fail);
  }

  #confirmed(changes, zone, run) {
    return ask({
      title: n_("{n} lesson changes", "{n} lessons change", changes.length),
      text: _("Sessions that were held stay."),
      body: [el("ul", { class: "scrolls" }, ...changes.map((change) => el("li", {}, this.#difference(change, zone))))],
      yes: _("Save"),
      run,
    });
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
