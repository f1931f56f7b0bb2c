// The guardians of one student: listed, added, removed.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _ } from "../common/strings.js";
import { $, el, fail, onSubmit } from "../common/ui.js";

const path = `/admin/students/${$("#name").dataset.student}/guardians`;
const form = $("#guardian");

function line(guardian) {
  const named = guardian.name ? `${guardian.name} · ${guardian.email}` : guardian.email;
  return el("li", {}, el("bdi", {}, named), " ", el("button", {
    type: "button",
    class: "outline secondary tiny",
    "aria-label": `${_("Remove")}: ${named}`,
    onclick: () => remove(guardian, named).catch(fail),
  }, _("Remove")));
}

const { update } = inStep(() => api.get(path), ({ guardians }) => {
  $("#guardians").replaceChildren(...guardians.map(line));
  $("#no-guardians").hidden = guardians.length > 0;
});

async function remove(guardian, named) {
  const done = await ask({
    title: _("Remove this guardian?"),
    text: _("Nothing more is sent to {name}.", { name: named }),
    yes: _("Remove"),
    danger: true,
    run: () => api.delete(`${path}/${guardian.id}`),
  });
  if (done) await update();
}

onSubmit(form, async ({ name, email, language }) => {
  const json = { name: name.trim() || null, email: email.trim(), language: language || null };
  await api.post(path, { json });
  form.reset();
  await update().catch(fail);
});
update().catch(fail);
