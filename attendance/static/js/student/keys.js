// The own PIN and passkeys, on the page of the account.

import { api } from "../common/api.js";
import { _, date } from "../common/strings.js";
import { $, busy, el, fail, notify, onSubmit, problemText } from "../common/ui.js";
import { make, passkeysWork } from "./passkey.js";

function line({ id, name, created_at, used_at }) {
  const since = used_at ? _("last used on {day}", { day: date(used_at) }) : _("made on {day}", { day: date(created_at) });
  const remove = () => api.delete(`/student/passkeys/${id}`).then(update).catch(fail);
  return el("li", {}, `${name}, ${since} `,
    el("button", { type: "button", class: "outline secondary tiny", "aria-label": `${_("Remove")}: ${name}`, onclick: remove }, _("Remove")),
  );
}

async function update() {
  const { pin, passkeys } = await api.get("/student/keys");
  $("#passkeys").replaceChildren(...passkeys.map(line));
  $("#drop-pin").hidden = !pin;
  $("#add-passkey").hidden = !passkeysWork();
}

$("#add-passkey").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    $("#keys-error").textContent = "";
    try {
      const { options, state } = await api.post("/student/passkeys/options");
      const credential = await make(options);
      await api.post("/student/passkeys", { json: { credential, state, name: options.user.displayName } });
      notify("good", _("The passkey is made."), { key: "passkey" });
      await update();
    } catch (error) {
      $("#keys-error").textContent = error.sentences ? problemText(error) : _("No passkey was made. Try again.");
    }
  }),
);

$("#drop-pin").addEventListener("click", (event) =>
  busy(event.currentTarget, () => api.delete("/student/pin").then(update).catch(fail)),
);

onSubmit($("#pin-form"), async (fields) => {
  await api.put("/student/pin", { json: fields });
  $("#pin-form").reset();
  notify("good", _("The PIN is set."), { key: "pin" });
  await update();
});

update().catch(fail);
