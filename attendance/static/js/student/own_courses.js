// The own courses, and joining one with the code that the teacher has shown.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { courseName } from "../common/names.js";
import { learn } from "../common/problems.js";
import { _ } from "../common/strings.js";
import { $, el, notify, onSubmit } from "../common/ui.js";

learn({
  course_not_found: () => [_("There is no course with this code"), _("Compare it with what your teacher has shown, and type it again.")],
});

export const { update: showCourses } = inStep(() => api.get("/course/mine?archived=false"), ({ courses }) => {
  const rows = courses.map((course) => {
    return el("li", {}, el("strong", {}, courseName(course)), " ", el("span", { class: "small" }, course.code));
  });
  $("#courses").replaceChildren(...rows);
  $("#no-course").hidden = rows.length > 0;
});

// `joined` is called after a course was joined.
export function offerJoining(joined) {
  const form = $("#join-course");
  onSubmit(form, async ({ join_code }) => {
    const { course } = await api.post("/course/join", { json: { join_code } });
    form.reset();
    form.closest("details").open = false;
    notify("good", _("You are in {course} now.", { course: course.name }), { key: "course" });
    await Promise.all([showCourses(), joined()]);
  });
}
