// Requests to be excused: what the student says, what it changes, and the decision.

import { courseLine, days } from "../common/absences.js";
import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { chosenReason, offer, reasonField, reasons } from "../common/reasons.js";
import { inStep } from "../common/in_step.js";
import { connect } from "../common/live.js";
import { at } from "../common/paths.js";
import { _, percent } from "../common/strings.js";
import "./teaching_problems.js";
import { $, el, fail, notify } from "../common/ui.js";

const isOpen = ({ courses }) => courses.some(({ state }) => state === "open");

function card(absence, all) {
  const button = (label, accepted, kind) =>
    el("button", { class: kind, "aria-label": `${label}: ${absence.name}, ${days(absence)}`, onclick: () => decide(absence, accepted) }, label);
  return el("article", { "data-absence": absence.id },
    el("h2", {}, absence.name, " ", el("span", { class: "small" }, absence.student_id)),
    el("p", {}, days(absence)),
    el("blockquote", {}, absence.reason),
    absence.note ? el("p", {}, el("a", { href: `/absence/${absence.id}/note.jpg`, target: "_blank", rel: "noopener" },
      el("img", { class: "note", src: at(`/absence/${absence.id}/note.jpg`), alt: _("Note of {name}", { name: absence.name }) }))) : null,
    el("ul", {}, ...absence.courses.map((line) => courseLine(line, all))),
    isOpen(absence) ? el("p", { class: "actions" }, button(_("Excuse"), true, ""), button(_("Reject"), false, "secondary outline")) : null,
  );
}

// What excusing would do in each course that has not decided, beside the box that chooses it.
function choices({ courses }, accepted) {
  return courses.filter(({ state }) => state === "open").map((line) => {
    const { course, missed, now, excused } = line;
    const shares = { now: percent(now.percentage), then: percent(excused.percentage) };
    return el("label", { "data-course": course.id },
      el("input", { type: "checkbox", name: "course_ids", value: String(course.id), checked: true }), ` ${course.name} `,
      accepted ? el("span", { class: "small" }, missed ? _("{now} now, {then} then", shares) : _("nothing missed on these days so far")) : null);
  });
}

// The same for a reason of the school; what is chosen stays chosen.
async function preview(absence, courses, reason) {
  const query = reason === null ? "" : `?reason_id=${reason}`;
  const { absence: then } = await api.get(`/absence/${absence.id}${query}`);
  for (const label of choices(then, true)) {
    const shown = $(`[data-course="${label.dataset.course}"] .small`, courses);
    if (shown) shown.textContent = $(".small", label).textContent;
  }
}

async function decide(absence, accepted) {
  const boxes = choices(absence, accepted);
  const why = reasonField();
  if (accepted) offer(why, "excused");
  why.addEventListener("change", ({ target }) => preview(absence, courses, chosenReason({ reason_id: target.value })).catch(fail));
  const courses = el("fieldset", {}, el("legend", {}, _("For these courses")), ...boxes);
  const done = await ask({
    title: accepted ? _("Excuse {name}?", { name: absence.name }) : _("Reject the request of {name}?", { name: absence.name }),
    text: _("The student sees the decision and the remark."),
    body: [...(accepted ? [why] : []), courses, el("label", {}, _("Remark"), el("input", { name: "remark", maxlength: 200, autocomplete: "off" }))],
    yes: accepted ? _("Excuse") : _("Reject"),
    run: ({ remark, ...fields }) => {
      const chosen = [...courses.querySelectorAll("input:checked")].map(({ value }) => Number(value));
      return api.post(`/absence/${absence.id}/decide`, {
        json: { accepted, remark: remark.trim() || null, reason_id: chosenReason(fields), course_ids: chosen },
      });
    },
  });
  if (!done) return;
  notify("good", _("Decided. The student has been told."), { key: "decided" });
  await update().catch(fail);
}

const { update } = inStep(() => Promise.all([api.get("/absence/mine"), reasons()]), ([{ absences }, all]) => {
  const open = absences.filter(isOpen);
  const decided = absences.filter((absence) => !isOpen(absence));
  $("#absences").replaceChildren(...open.map((absence) => card(absence, all)));
  $("#absences").setAttribute("aria-busy", "false");
  $("#none").hidden = open.length > 0;
  $("#decided").replaceChildren(...decided.map((absence) => card(absence, all)));
  $("#decided-part").hidden = decided.length === 0;
});

connect({ on: { absence_changed: () => update().catch(fail) }, catchUp: update });
update().catch(fail);
