// What every page of a course has: its name, and the button that starts a session.

import { api } from "../common/api.js";
import { courseName } from "../common/names.js";
import { showPart, showRights } from "./course_rights.js";
import { _ } from "../common/strings.js";
import { start } from "./starting.js";
import "./teaching_problems.js";
import { $, busy, fail } from "../common/ui.js";

export const id = Number($("#course").dataset.id);
export const path = `/course/${id}`;
let course = null;

// The course has come, or was changed.
export function showCourse(changed) {
  course = changed;
  const name = courseName(course);
  $("#name").textContent = name;
  const tab = $(".tabs [aria-current]")?.textContent;
  document.title = [name, tab, _("Attendance")].filter(Boolean).join(" · ");
  $("#start").disabled = false;
  $("#start").hidden = course.archived;
  showRights(course.role);
  showPart(course.role);
  $("#course").setAttribute("aria-busy", "false");
  return course;
}

export async function changeCourse(values) {
  return showCourse((await api.patch(path, { json: values })).course);
}

export const loaded = api.get(path).then((answer) => showCourse(answer.course));
loaded.catch(fail);

$("#start").addEventListener("click", (event) =>
  busy(event.currentTarget, () =>
    start({ subject: course.name, section: course.section, course_id: id }).catch(fail),
  ),
);
