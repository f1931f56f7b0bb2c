// A course's names and rules; archiving and deleting it.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { at } from "../common/paths.js";
import { CheckIn } from "./check_in.js";
import { courseValues, offerZones } from "./course_form.js";
import { changeCourse, loaded, path } from "./course_page.js";
import { CourseStaff } from "./course_staff.js";
import { courseName } from "../common/names.js";
import { _ } from "../common/strings.js";
import { $, busy, fail, notify, notifyThere, onSubmit } from "../common/ui.js";

const form = $("#settings");
// What was changed in one form and not saved yet outlives the saving of the other.
const checkIn = new CheckIn($("#check-in"), (values) => changeCourse(values).then((changed) => checkIn.show(changed)));
let course = null;

function show(changed) {
  course = changed;
  $("#archive").textContent = course.archived ? _("Take out of the archive") : _("Archive");
  $("fieldset", form).disabled = false;
  for (const field of form.elements) {
    if (!(field.name in course)) continue;
    if (field.type === "checkbox") field.checked = course[field.name];
    else field.value = course[field.name] ?? "";
  }
}

onSubmit(form, async (fields) => {
  const values = courseValues(fields);
  const number = (value) => (value === null ? null : Number(value));
  const changed = await changeCourse({
    ...values,
    late_counts: form.elements.late_counts.checked,
    min_percentage: number(values.min_percentage),
    max_absences: number(values.max_absences),
    absences_in_row: number(values.absences_in_row),
  });
  show(changed);
  notify("good", _("Saved."), { key: "saved" });
});
$("#archive").addEventListener("click", (event) =>
  busy(event.currentTarget, () => changeCourse({ archived: !course.archived }).then(show).catch(fail)),
);
$("#delete").addEventListener("click", async () => {
  const done = await ask({
    title: _("Delete {name}?", { name: courseName(course) }),
    text: _("Students leave the course, and its plans and excuses are deleted."),
    yes: _("Delete the course"),
    danger: true,
    run: () => api.delete(path),
  });
  if (!done) return;
  notifyThere(_("{name} was deleted.", { name: courseName(course) }));
  location.assign(at("/teach/courses"));
});

offerZones(form);
const staff = new CourseStaff(path);
loaded.then((found) => {
  show(found);
  checkIn.show(found);
  staff.role = found.role;
  return staff.update();
}).catch(fail);
// A course in which a session was held is archived, not deleted: nobody is asked in vain.
api.get(`/session/mine?course_id=${$("#course").dataset.id}&per_page=1`).then(({ total }) => {
  $("#delete").hidden = total > 0;
}).catch(fail);
