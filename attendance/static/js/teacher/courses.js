// The own courses, and making one.

import { api } from "../common/api.js";
import { courseValues, offerZones, ownZone } from "./course_form.js";
import { inStep } from "../common/in_step.js";
import { courseName } from "../common/names.js";
import { _, n_ } from "../common/strings.js";
import "./teaching_problems.js";
import { $, el, fail, onSubmit, opensEmpty } from "../common/ui.js";
import { word } from "../common/words.js";

const dialog = $("#new");
const form = $("form", dialog);

function card(course) {
  return el("li", {}, el("article", {},
    el("div", {},
      el("h3", {}, el("a", { href: `/teach/courses/${course.id}` }, courseName(course))),
      el("p", { class: "small" }, course.code, ["owner", "administrator"].includes(course.role) ? "" : ` · ${word(course.role)}`, course.archived ? ` · ${_("archived")}` : ""),
    ),
    el("p", {}, n_("{n} student", "{n} students", course.students)),
    el("p", {}, el("a", { href: `/teach/courses/${course.id}/report`, "aria-label": `${_("Report")}: ${courseName(course)}` }, _("Report"))),
  ));
}

const { update } = inStep(async () => {
  const query = $("#archived").checked ? "" : "?archived=false";
  const { courses } = await api.get(`/course/mine${query}`);
  $("#courses").replaceChildren(...courses.map(card));
  $("#courses").setAttribute("aria-busy", "false");
  $("#none").hidden = courses.length > 0;
});

$("#archived").addEventListener("change", () => update().catch(fail));
opensEmpty($("#add"), dialog, () => {
  form.elements.timezone.value = ownZone();
});
onSubmit(form, async (fields) => {
  const { course } = await api.post("/course", { json: courseValues(fields) });
  location.assign(`/teach/courses/${course.id}`);
});
offerZones(form);
update().catch(fail);
