// The guardians of one student: listed, added, removed, asked for their consent.

import { api } from "../common/api.js";
import { ask, tellToCopy } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, dateTime } from "../common/strings.js";
import { $, busy, el, fail, onSubmit } from "../common/ui.js";

const student = `/admin/students/${$("#name").dataset.student}`;
const path = `${student}/guardians`;
const form = $("#guardian");

function line(guardian) {
  const named = guardian.name ? `${guardian.name} · ${guardian.email}` : guardian.email;
  const button = (text, look, action) => el("button", {
    type: "button", class: `outline tiny ${look}`, "aria-label": `${text}: ${named}`, onclick: (event) => busy(event.currentTarget, () => action(guardian, named).catch(fail)),
  }, text);
  return el("li", {}, el("bdi", {}, named), " ", button(_("Ask for consent"), "", request), " ", button(_("Remove"), "secondary", remove));
}

function consent({ signed_by: name, email, version, agreed_at: agreed, withdrawn_at: withdrawn }) {
  const given = _("{name} ({email}) agreed on {when} to the text {version}.", { name, email, when: dateTime(agreed), version });
  return el("li", {}, withdrawn ? `${given} ${_("Taken back on {when}.", { when: dateTime(withdrawn) })}` : given);
}

const { update } = inStep(() => api.get(path), ({ guardians, minor, consents }) => {
  $("#guardians").replaceChildren(...guardians.map(line));
  $("#guardians").setAttribute("aria-busy", "false");
  $("#no-guardians").hidden = guardians.length > 0;
  $("#minor").checked = minor;
  $("#minor").disabled = false;
  $("#consents").replaceChildren(...consents.map(consent));
});

async function request(guardian, named) {
  const { link, mail } = await api.post(`${path}/${guardian.id}/ask`, { json: {} });
  tellToCopy({
    title: _("The link for {name}", { name: named }),
    text: mail ? _("It was sent by mail. It works once, for 30 days.") : _("No mail server is set up: hand it over yourself. It works once, for 30 days."),
    label: _("Link"),
    value: link,
  });
}

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

$("#minor").addEventListener("change", async ({ target }) => {
  try {
    await api.put(`${student}/minor`, { json: { minor: target.checked } });
  } catch (error) {
    fail(error);
  }
  await update().catch(fail);
});
onSubmit(form, async ({ name, email, language }) => {
  const json = { name: name.trim() || null, email: email.trim(), language: language || null };
  await api.post(path, { json });
  form.reset();
  await update().catch(fail);
});
update().catch(fail);
