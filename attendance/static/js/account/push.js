// On the page of the account: in which browsers somebody is told while no page is open.

import { api } from "../common/api.js";
import { current, fingerprint, pushPath, pushWorks, stopHere, subscribe } from "../common/push.js";
import { _, date } from "../common/strings.js";
import { $, busy, el, fail, notify, problemText } from "../common/ui.js";

let key = "";

function line({ id, name, created_at, fingerprint: whose }, here) {
  const mine = whose === here;
  const since = _("since {day}", { day: date(created_at) });
  const remove = () => (mine ? stopHere() : api.delete(`${pushPath}/${id}`)).then(update).catch(fail);
  return el("li", {}, `${name}${mine ? ` (${_("this device")})` : ""}, ${since} `,
    el("button", { type: "button", class: "outline secondary tiny", "aria-label": `${_("Remove")}: ${name}`, onclick: remove }, _("Remove")),
  );
}

function state(enabled, isHere) {
  if (!enabled) return _("Your school has switched these messages off.");
  if (!pushWorks()) return _("This browser cannot do it. On an iPhone, first add this page to the home screen.");
  if (Notification.permission === "denied") return _("This browser forbids messages of this page. Its settings allow them again.");
  return isHere ? _("This device is told.") : _("This device is not told.");
}

async function update() {
  const told = await api.get(pushPath);
  const subscription = await current().catch(() => null);
  const here = subscription && (await fingerprint(subscription));
  const isHere = told.devices.some((device) => device.fingerprint === here);
  key = told.key;
  $("#push-devices").replaceChildren(...told.devices.map((device) => line(device, here)));
  $("#push-state").textContent = state(told.enabled, isHere);
  $("#push-here").hidden = !told.enabled || isHere || !pushWorks() || Notification.permission === "denied";
}

async function tellMeHere() {
  if ((await Notification.requestPermission()) !== "granted") return update();
  const { endpoint, keys } = (await subscribe(key)).toJSON();
  const name = navigator.userAgentData?.platform || navigator.platform || "Browser";
  await api.post(pushPath, { json: { endpoint, keys, name } });
  notify("good", _("This device is told from now on."), { key: "push" });
  return update();
}

$("#push-here").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    $("#push-error").textContent = "";
    try {
      await tellMeHere();
    } catch (error) {
      $("#push-error").textContent = error.sentences ? problemText(error) : _("The browser did not agree to it. Try again later, or in another browser.");
    }
  }),
);

update().catch(fail);
