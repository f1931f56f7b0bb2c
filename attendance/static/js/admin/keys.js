// API keys of devices: made, shown once, revoked.

import { api } from "../common/api.js";
import { ask, tellToCopy } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, date, dateTime } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, el, fail, onSubmit, opensEmpty } from "../common/ui.js";

const dialog = $("#new");
const form = $("form", dialog);

// "verify" → "identify faces", as the dialog says it.
function meaning(scope) {
  const label = $(`[name=scopes][value="${scope}"]`, form)?.closest("label");
  return label ? label.textContent.replace(`(${scope})`, "").trim() : scope;
}

function line(key) {
  const revoke = el("button", { class: "outline danger tiny", "aria-label": `${_("Revoke")}: ${key.name}`, onclick: () => remove(key) }, _("Revoke"));
  return el("tr", {},
    el("th", { scope: "row" }, key.name),
    el("td", {}, el("code", {}, `${key.hint}…`)),
    el("td", {}, [...key.scopes.map(meaning), key.room].filter(Boolean).join(", ")),
    el("td", { class: "nowrap" }, date(key.created_at)),
    el("td", { class: "nowrap" }, key.expires_at ? date(key.expires_at) : _("never")),
    el("td", { class: "nowrap" }, key.last_used_at ? dateTime(key.last_used_at) : _("never")),
    el("td", { class: "row-actions" }, revoke),
  );
}

const { update } = inStep(() => api.get("/admin/api-keys"), ({ api_keys: keys }) => {
  $("#rows").replaceChildren(...keys.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  $("#none").hidden = keys.length > 0;
});

async function remove(key) {
  const done = await ask({
    title: _("Revoke the key of {name}?", { name: key.name }),
    text: _("The device is refused from its next call on."),
    yes: _("Revoke"),
    danger: true,
    run: () => api.delete(`/admin/api-keys/${key.id}`),
  });
  if (done) await update().catch(fail);
}

opensEmpty($("#add"), dialog);
onSubmit(form, async ({ name, room, expires }) => {
  const scopes = new FormData(form).getAll("scopes");
  if (scopes.length === 0) {
    $(".form-error", form).textContent = _("Choose at least one call that the device may make.");
    return;
  }
  const expires_at = expires ? new Date(`${expires}T23:59:59`).toISOString() : null;
  const { key } = await api.post("/admin/api-keys", { json: { name, scopes, room: room.trim() || null, expires_at } });
  dialog.close();
  tellToCopy({
    title: _("The key of {name}", { name }),
    text: _("Copy it into the device now: it is shown only this once."),
    label: _("API key"),
    value: key,
  });
  await update().catch(fail);
});
update().catch(fail);
