// The tutor of one student: shown, and given another by address.

import { api } from "../common/api.js";
import { _ } from "../common/strings.js";
import { $, el, fail, notify, onSubmit } from "../common/ui.js";

const path = `/admin/students/${$("#name").dataset.student}/tutor`;
const form = $("#tutor");

function show({ tutor }) {
  $("#tutor-name").replaceChildren(tutor ? el("bdi", {}, `${tutor.name} · ${tutor.email}`) : _("Nobody"));
  $("#tutor-name").setAttribute("aria-busy", "false");
  form.elements.email.value = tutor?.email ?? "";
  $("fieldset", form).disabled = false;
}

onSubmit(form, async ({ email }) => {
  show(await api.put(path, { json: { email: email.trim() || null } }));
  notify("good", _("Saved."), { key: "saved" });
});
api.get(path).then(show).catch(fail);
