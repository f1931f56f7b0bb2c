// Terms and holidays of the school.

import { api } from "../common/api.js";
import { ask } from "../common/ask.js";
import { inStep } from "../common/in_step.js";
import { _, date, language, locale, n_ } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, el, fail, notify, onSubmit, opensEmpty } from "../common/ui.js";

const KINDS = {
  terms: { add: _("New term"), change: _("Change the term"), remove: _("Delete this term?"), loss: _("Plans and reports stay as they are.") },
  holidays: {
    add: _("New holiday"),
    change: _("Change the holiday"),
    remove: _("Delete this holiday?"),
    loss: _("What is planned on its days takes place again."),
  },
};
const countryNames = new Intl.DisplayNames([locale], { type: "region" });
const noon = (day) => date(`${day}T12:00:00`);

const dialog = $("#days-dialog");
const form = $("form", dialog);
let edited = { kind: "terms", id: null };

function begin(kind, days = null) {
  edited = { kind, id: days?.id ?? null };
  $("#days-title").textContent = days ? KINDS[kind].change : KINDS[kind].add;
  for (const name of ["name", "from", "to"]) form.elements[name].value = days?.[name] ?? "";
}

function line(kind, days) {
  const button = (text, action, look = "secondary") => el("button", {
    class: `outline tiny ${look}`, "aria-label": `${text}: ${days.name}`, onclick: action,
  }, text);
  const when = days.from === days.to ? noon(days.from) : `${noon(days.from)} – ${noon(days.to)}`;
  return el("li", {}, el("strong", {}, days.name), ` · ${when} `,
    button(_("Change"), () => {
      begin(kind, days);
      dialog.showModal();
    }), " ",
    button(_("Delete"), () => remove(kind, days).catch(fail)),
  );
}

const { update } = inStep(() => api.get("/school/days"), (found) => {
  for (const kind of Object.keys(KINDS)) {
    $(`#${kind}`).replaceChildren(...found[kind].map((days) => line(kind, days)));
    $(`#${kind}`).setAttribute("aria-busy", "false");
    $(`#no-${kind}`).hidden = found[kind].length > 0;
  }
});

async function remove(kind, days) {
  const { remove: title, loss: text } = KINDS[kind];
  const run = () => api.delete(`/admin/${kind}/${days.id}`);
  if (await ask({ title, text, yes: _("Delete"), danger: true, run })) await update();
}

opensEmpty($("#add-term"), dialog, () => begin("terms"));
opensEmpty($("#add-holiday"), dialog, () => begin("holidays"));
onSubmit(form, async ({ name, from, to }) => {
  const { kind, id } = edited;
  const json = { name: name.trim(), from, to };
  await (id === null ? api.post(`/admin/${kind}`, { json }) : api.put(`/admin/${kind}/${id}`, { json }));
  dialog.close();
  await update().catch(fail);
});

// -- public holidays

const publicDialog = $("#public-dialog");
const publicForm = $("form", publicDialog);
let parts = {};

function showParts() {
  const known = parts[publicForm.elements.country.value] ?? [];
  publicForm.elements.subdivision.replaceChildren(
    el("option", { value: "" }, _("the whole country")),
    ...known.map((part) => el("option", { value: part }, part)),
  );
  publicForm.elements.subdivision.closest("label").hidden = known.length === 0;
}

async function fillCountries() {
  if (Object.keys(parts).length > 0) return;
  const { countries } = await api.get("/admin/holidays/countries");
  parts = Object.fromEntries(countries.map(({ code, subdivisions }) => [code, subdivisions]));
  const named = countries.map(({ code }) => [code, countryNames.of(code) ?? code]);
  named.sort((one, other) => one[1].localeCompare(other[1], locale));
  publicForm.elements.country.replaceChildren(...named.map(([code, name]) => el("option", { value: code }, name)));
  const [, here] = (navigator.language || "").split("-");
  if (here in parts) publicForm.elements.country.value = here;
  showParts();
}

publicForm.elements.country.addEventListener("change", showParts);
opensEmpty($("#add-public"), publicDialog, () => {
  publicForm.elements.year.value = String(new Date().getFullYear());
  fillCountries().catch(fail);
});
onSubmit(publicForm, async ({ country, subdivision, year }) => {
  const json = { country, subdivision: subdivision || null, year: Number(year), language };
  const { added } = await api.post("/admin/holidays/public", { json });
  publicDialog.close();
  notify("good", n_("{n} day was added.", "{n} days were added.", added.length));
  await update().catch(fail);
});
update().catch(fail);
