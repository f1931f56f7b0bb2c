// Rooms with rules of their own.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _ } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, el, fail, onSubmit, opensEmpty } from "../common/ui.js";

const dialog = $("#room");
const form = $("form", dialog);
let edited = null; // the id of the room that is changed

function begin(room = null) {
  edited = room?.id ?? null;
  $("#room-title").textContent = room ? _("Change the room") : _("New room");
  form.elements.name.value = room?.name ?? "";
  form.elements.networks.value = room?.networks.join(" ") ?? "";
}

function line(room) {
  const button = (text, action) => el("button", {
    class: "outline tiny secondary", "aria-label": `${text}: ${room.name}`, onclick: action,
  }, text);
  return el("li", {},
    el("strong", {}, room.name), ` · ${room.networks.join(", ") || _("as the course says")} `,
    button(_("Change"), () => {
      begin(room);
      dialog.showModal();
    }), " ",
    button(_("Delete"), () => remove(room).catch(fail)),
  );
}

const { update } = inStep(() => api.get("/admin/rooms"), ({ rooms }) => {
  $("#rooms").replaceChildren(...rooms.map(line));
  $("#rooms").setAttribute("aria-busy", "false");
  $("#none").hidden = rooms.length > 0;
});

async function remove(room) {
  const done = await ask({
    title: _("Delete {name}?", { name: room.name }),
    text: _("Sessions there take marks from the networks of their courses again."),
    yes: _("Delete"),
    danger: true,
    run: () => api.delete(`/admin/rooms/${room.id}`),
  });
  if (done) await update();
}

opensEmpty($("#add"), dialog, () => begin());
onSubmit(form, async ({ name, networks }) => {
  const json = { name: name.trim(), networks: networks.split(/[\s,;]+/).filter(Boolean) };
  await (edited === null ? api.post("/admin/rooms", { json }) : api.put(`/admin/rooms/${edited}`, { json }));
  dialog.close();
  await update().catch(fail);
});
update().catch(fail);
