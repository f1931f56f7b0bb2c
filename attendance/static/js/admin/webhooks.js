// Webhooks: made, their secret shown once; tried, switched off, removed; and what was sent.

import { api } from "../common/api.js";
import { ask, tell, tellToCopy } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, date, dateTime } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, busy, el, fail, notify, onSubmit, opensEmpty } from "../common/ui.js";

const LOG_SECONDS = 2;
const STATES = { pending: _("waits"), delivered: _("delivered"), failed: _("failed") };

const dialog = $("#new");
const form = $("form", dialog);

function button(hook, text, kind, action) {
  return el("button", {
    class: `outline ${kind} tiny`,
    "aria-label": `${text}: ${hook.url}`,
    onclick: (event) => busy(event.currentTarget, () => action(hook).catch(fail)),
  }, text);
}

// "attendance_marked" → "marks", as the dialog says it.
function meaning(event) {
  const label = $(`[name=events][value="${event}"]`, form)?.closest("label");
  return label ? label.textContent.replace(`(${event})`, "").trim() : event;
}

function line(hook) {
  return el("tr", {},
    el("th", { scope: "row" }, hook.url),
    el("td", {}, hook.events.map(meaning).join(", ")),
    el("td", {}, hook.enabled ? _("on") : _("off")),
    el("td", { class: "nowrap" }, date(hook.created_at)),
    el("td", { class: "row-actions" },
      button(hook, _("Log"), "secondary", log),
      button(hook, _("Try"), "secondary", attempt),
      hook.enabled ? button(hook, _("Switch off"), "secondary", toggle) : button(hook, _("Switch on"), "", toggle),
      button(hook, _("Remove"), "danger", remove),
    ),
  );
}

const { update } = inStep(() => api.get("/admin/webhooks"), ({ webhooks }) => {
  $("#rows").replaceChildren(...webhooks.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  $("#none").hidden = webhooks.length > 0;
});

async function attempt(hook) {
  await api.post(`/admin/webhooks/${hook.id}/ping`, { json: {} });
  notify("good", _("A trial message is on its way: the log tells how it went."));
}

async function toggle(hook) {
  await api.patch(`/admin/webhooks/${hook.id}`, { json: { enabled: !hook.enabled } });
  await update();
}

async function remove(hook) {
  const done = await ask({
    title: _("Remove this webhook?"),
    text: _("Nothing more is sent to {url}, not even what is still waiting.", { url: hook.url }),
    yes: _("Remove"),
    danger: true,
    run: () => api.delete(`/admin/webhooks/${hook.id}`),
  });
  if (done) await update();
}

// -- what was sent

function answer({ state, status, error, next_at: again }) {
  const said = error ?? (status ? `HTTP ${status}` : "");
  if (state !== "pending" || !again || !said) return said;
  return `${said}; ${_("tried again {when}", { when: dateTime(again) })}`;
}

function message(delivery) {
  return el("tr", {},
    el("td", { class: "nowrap" }, dateTime(delivery.created_at)),
    el("td", { class: "nowrap" }, delivery.event),
    el("td", { class: "nowrap" }, STATES[delivery.state]),
    el("td", { class: "number" }, String(delivery.attempts)),
    el("td", {}, answer(delivery)),
  );
}

// The newest messages, as they are while the dialog is open.
async function log(hook) {
  const rows = el("tbody");
  const none = el("p", { class: "empty", hidden: true }, _("Nothing was sent yet."));
  const heads = [_("When"), _("What"), _("State"), _("Tries"), _("Answer")];
  const { update: read } = inStep(() => api.get(`/admin/webhooks/${hook.id}/deliveries`), ({ deliveries }) => {
    rows.replaceChildren(...deliveries.map(message));
    none.hidden = deliveries.length > 0;
  });
  await read();
  const shown = tell({
    title: _("What was sent"),
    body: [
      el("p", {}, hook.url),
      el("div", { class: "table-wrap sent", role: "region", tabindex: "0", "aria-label": _("What was sent") },
        el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((text) => el("th", { scope: "col", class: "nowrap" }, text)))), rows),
      ),
      none,
    ],
  });
  const timer = setInterval(() => read().catch(() => {}), LOG_SECONDS * 1000);
  shown.addEventListener("close", () => clearInterval(timer));
}

// -- a new one

opensEmpty($("#add"), dialog);
onSubmit(form, async ({ url }) => {
  const events = new FormData(form).getAll("events");
  if (events.length === 0) {
    $(".form-error", form).textContent = _("Choose at least one event.");
    return;
  }
  const { secret } = await api.post("/admin/webhooks", { json: { url: url.trim(), events } });
  dialog.close();
  tellToCopy({
    title: _("The secret of this webhook"),
    text: _("The receiver checks with it that a message comes from here. Copy it now: it is shown only this once."),
    label: _("Secret"),
    value: secret,
  });
  await update().catch(fail);
});
update().catch(fail);
