// Signing up: the fields follow the role; a teacher may have to wait for approval.
import { api, isSignedIn } from "../common/api.js";
import "../common/show_password.js";
import { _ } from "../common/strings.js";
import { $, $$, notify, onSubmit } from "../common/ui.js";

const form = $("#sign-up");

function showFields() {
  const role = new FormData(form).get("role");
  for (const label of $$("[data-for]", form)) {
    label.hidden = label.dataset.for !== role;
    for (const field of $$("input", label)) field.disabled = label.hidden;
  }
}

for (const radio of $$("input[name=role]", form)) radio.addEventListener("change", showFields);
showFields();

onSubmit(form, async ({ role, name, email, password, student_id, department }) => {
  const json = { name, email: email.trim(), password };
  if (role === "student") json.student_id = student_id;
  else if (department.trim()) json.department = department;
  const answer = await api.post(`/${role}/signup?transport=cookie`, { json, refresh: false });
  if (role === "teacher" && answer.teacher.state !== "active") {
    form.hidden = true;
    notify("good", _("Your account is ready and is waiting for approval. Sign in once the administrator has approved it."), { closable: false });
    return;
  }
  if (isSignedIn()) location.assign(form.dataset.next);
});
