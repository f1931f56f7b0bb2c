// The installation's settings: a form made of what the API says of each.

import { api } from "../common/api.js";
import { GROUPS, settingHelp, settingName, settingWord } from "./setting_words.js";
import { _, number } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, announce, el, fail, notify, onSubmit } from "../common/ui.js";

const form = $("#settings");
let settings = [];

function control({ name, type, choices, value, optional, minimum, exclusive_minimum: above, maximum, editable }) {
  const common = { name, disabled: !editable };
  if (type === "boolean") return el("input", { ...common, type: "checkbox", role: "switch", checked: value });
  if (choices) {
    const none = optional ? [el("option", { value: "", selected: value === null }, _("not set"))] : [];
    return el("select", common, ...none, ...choices.map((choice) => el("option", { value: choice, selected: choice === value }, settingWord(choice))));
  }
  if (type === "string") return el("input", { ...common, value: value ?? "", required: !optional });
  return el("input", {
    ...common,
    type: "number",
    inputmode: type === "integer" ? "numeric" : "decimal",
    step: type === "integer" ? "1" : "any",
    min: minimum ?? above,
    max: maximum,
    value: value ?? "",
    required: !optional,
    placeholder: optional ? _("not set") : null,
  });
}

function field(setting) {
  const { name, source, editable, default: usual, type } = setting;
  const made = control(setting);
  const help = `help-${name}`;
  made.setAttribute("aria-describedby", help);
  const label = type === "boolean" ? [made, " ", settingName(name)] : [settingName(name), made];
  const where = {
    environment: _("Set in the environment of the server."),
    stored: _("Changed here; usually {value}.", { value: shown(usual) }),
    default: "",
  }[source];
  return el("div", { class: editable ? "setting" : "setting fixed" },
    el("label", {}, ...label),
    el("small", { id: help }, settingHelp(setting), " ", meaning(setting), where),
  );
}

// What a distance means: "In force: 1.05, which about 1 stranger in 10,000 comes within."
function meaning({ distance, false_match_rate: rate }) {
  if (distance === null) return "";
  const strangers = number(Number((1 / rate).toPrecision(2)));
  return `${_("In force: {distance}; about 1 stranger in {strangers} comes so near.", { distance: number(distance), strangers })} `;
}

function shown(value) {
  if (value === null) return _("not set");
  if (typeof value === "boolean") return value ? _("on") : _("off");
  return typeof value === "string" ? settingWord(value) : value;
}

function show(answer) {
  ({ settings } = answer);
  const placed = new Set(GROUPS.flatMap(([, names]) => names));
  const byName = new Map(settings.map((setting) => [setting.name, setting]));
  const groups = GROUPS.map(([title, names], index) => {
    const rest = index === GROUPS.length - 1 ? settings.filter(({ name }) => !placed.has(name)) : [];
    return [title(), [...names.map((name) => byName.get(name)).filter(Boolean), ...rest]];
  });
  $("#fields").replaceChildren(...groups.filter(([, members]) => members.length).map(([title, members]) =>
    el("fieldset", { class: "setting-group" }, el("legend", {}, title), ...members.map(field)),
  ));
  form.setAttribute("aria-busy", "false");
}

function valueOf({ name, type, optional }) {
  const made = form.elements.namedItem(name);
  if (type === "boolean") return made.checked;
  if (made.value === "" && optional) return null;
  return type === "string" ? made.value.trim() : Number(made.value);
}

onSubmit(form, async () => {
  const changed = settings
    .filter((setting) => setting.editable && valueOf(setting) !== setting.value)
    .map((setting) => [setting.name, valueOf(setting)]);
  if (changed.length) show(await api.patch("/admin/settings", { json: Object.fromEntries(changed) }));
  notify("good", changed.length ? _("Saved.") : _("Nothing was changed."), { key: "saved" });
  announce(_("Saved."));
});
api.get("/admin/settings").then(show).catch(fail);
