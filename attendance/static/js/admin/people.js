// What is done to teachers and students alike.

import { api } from "../common/api.js";
import { ask, tell, tellToCopy } from "../common/ask.js";
import { _ } from "../common/strings.js";
import { el } from "../common/ui.js";

export { settled } from "../common/search.js";

// A person's facts and what can be done, in a dialog; `choices` are [label, action, danger?].
export function more(name, facts, choices) {
  const dialog = tell({
    title: name,
    body: [
      el("dl", { class: "facts" }, ...facts.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value ?? "–")])),
      el("div", { class: "stack" }, ...choices.map(([label, act, danger]) =>
        el("button", { class: danger ? "outline danger" : "outline", onclick: () => { dialog.close(); act(); } }, label),
      )),
    ],
  });
}

// Make a link with which the person sets a new password, and show it.
export async function resetPassword(path, name) {
  let link = null;
  const done = await ask({
    title: _("Reset the password of {name}?", { name }),
    text: _("You get a link with which a new password can be set, once."),
    yes: _("Make a link"),
    run: async () => {
      ({ link } = await api.post(`${path}/reset-password`));
    },
  });
  if (!done) return;
  tellToCopy({
    title: _("Link for {name}", { name }),
    text: _("Give it in person, or send it to an address that you know."),
    label: _("Link"),
    value: link,
  });
}

// Delete a student, when the answer is yes; then what to say of it, else null.
export async function removeStudent(path, name) {
  const { settings } = await api.get("/admin/settings");
  const goes = settings.find((setting) => setting.name === "deleted_student_marks").value === "remove";
  const done = await ask({
    title: _("Delete {name}?", { name }),
    text: goes
      ? _("Account, face and pictures are deleted at once, and the marks with them, as the settings say. This cannot be undone.")
      : _("Account, face and pictures are deleted at once. The marks stay without a name, so that past sessions count as before, as the settings say. This cannot be undone."),
    yes: _("Delete"),
    danger: true,
    run: () => api.delete(path),
  });
  if (!done) return null;
  return goes ? _("{name} was deleted, with all marks.", { name }) : _("{name} was deleted. The marks stay without a name.", { name });
}
