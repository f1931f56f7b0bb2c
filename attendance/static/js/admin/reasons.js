// The school's reasons: add, change, retire.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { MEANINGS } from "../common/reasons.js";
import { _ } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, clearErrors, el, fail, onSubmit, opensEmpty } from "../common/ui.js";
import { badge } from "../common/words.js";

const dialog = $("#reason");
const form = $("form", dialog);
let edited = null; // the id of the reason that is changed

function begin(reason = null) {
  edited = reason?.id ?? null;
  form.reset();
  clearErrors(form);
  $("#reason-title").textContent = reason ? _("Change the reason") : _("New reason");
  $("#reason-status").hidden = reason !== null;
  $("#so-far").hidden = reason === null;
  if (reason === null) return;
  for (const name of ["name", "code"]) form.elements[name].value = reason[name];
  for (const name of ["status", "meaning"]) form.elements[name].value = reason[name];
}

function line(reason) {
  const button = (text, action) => el("button", {
    class: "outline tiny secondary", "aria-label": `${text}: ${reason.name}`, onclick: action,
  }, text);
  return el("li", {},
    el("bdi", {}, el("strong", {}, reason.name), " (", el("bdi", {}, reason.code), ")"),
    badge(reason.status),
    el("span", {}, MEANINGS[reason.meaning]()),
    button(_("Change"), () => {
      begin(reason);
      dialog.showModal();
    }),
    button(reason.retired ? _("Use again") : _("Retire"), () => retire(reason, !reason.retired).catch(fail)),
  );
}

const { update } = inStep(() => api.get("/reasons"), ({ reasons }) => {
  const [used, retired] = [reasons.filter((one) => !one.retired), reasons.filter((one) => one.retired)];
  $("#reasons").replaceChildren(...used.map(line));
  $("#none").hidden = used.length > 0;
  $("#retired").replaceChildren(...retired.map(line));
  $("#retired-part").hidden = retired.length === 0;
  $("#reasons").setAttribute("aria-busy", "false");
});

async function retire(reason, retired) {
  await api.patch(`/admin/reasons/${reason.id}`, { json: { retired } });
  await update();
}

opensEmpty($("#add"), dialog, () => begin());
onSubmit(form, async ({ name, code, status, meaning }) => {
  const json = { name: name.trim(), code: code.trim(), meaning };
  await (edited === null ? api.post("/admin/reasons", { json: { ...json, status } }) : api.patch(`/admin/reasons/${edited}`, { json }));
  dialog.close();
  await update().catch(fail);
});
update().catch(fail);
