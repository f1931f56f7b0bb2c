// The secret address of the user's calendar: made, shown once, replaced, ended.

import { api } from "../common/api.js";
import { ask, tellToCopy } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, date } from "../common/strings.js";
import { $, busy, fail } from "../common/ui.js";

let since = null;

const { update } = inStep(() => api.get("/calendar/feed"), ({ created_at: created }) => {
  since = created;
  $("#calendar-since").textContent = since ? _("There is an address since {date}.", { date: date(since) }) : _("There is no address yet.");
  $("#calendar-new").textContent = since ? _("Make a new address") : _("Make an address");
  $("#calendar-end").hidden = since === null;
});

async function open() {
  let made = null;
  const make = async () => {
    made = await api.post("/calendar/feed", { json: {} });
  };
  if (since === null) await busy($("#calendar-new"), make);
  else await ask({
    title: _("Make a new address?"),
    text: _("The current one stops working: calendar apps that use it show nothing new until you give them the new one."),
    yes: _("Make a new address"),
    run: make,
  });
  if (!made) return;
  tellToCopy({
    title: _("The address of your calendar"),
    text: _("Subscribe to it in your calendar app. Copy it now: it is shown only this once."),
    label: _("Address of the calendar"),
    value: made.url,
  });
  await update();
}

async function end() {
  const done = await ask({
    title: _("End the address?"),
    text: _("Calendar apps that use it will show nothing new."),
    yes: _("End the address"),
    danger: true,
    run: () => api.delete("/calendar/feed"),
  });
  if (done) await update();
}

$("#calendar-new").addEventListener("click", () => open().catch(fail));
$("#calendar-end").addEventListener("click", () => end().catch(fail));
update().catch(fail);
