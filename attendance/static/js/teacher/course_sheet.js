// A course's list on paper: a line for each student, with room to sign.

import { api } from "../common/api.js";
import { courseName } from "../common/names.js";
import { byName } from "../common/search.js";
import { _, dayOf } from "../common/strings.js";
import "./teaching_problems.js";
import { $, el, fail } from "../common/ui.js";

const path = `/course/${$("#course").dataset.id}`;

$("#print").addEventListener("click", () => window.print());
Promise.all([api.get(path), api.get(`${path}/students`)]).then(([{ course }, { students }]) => {
  $("#name").textContent = courseName(course);
  document.title = `${courseName(course)} · ${_("Sheet to sign")}`;
  $("#day").value = dayOf(new Date(), course.timezone);
  $("#students").replaceChildren(...students.sort(byName).map((student, index) => el("tr", {},
    el("td", { class: "number" }, index + 1),
    el("th", { scope: "row" }, student.name),
    el("td", {}, student.student_id),
    el("td", {}),
  )));
  $("#students").setAttribute("aria-busy", "false");
}).catch(fail);
