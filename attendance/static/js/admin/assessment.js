// The facts of the impact assessment, as they are now, for the page that is printed.

import { api } from "../common/api.js";
import { _, date, number, time } from "../common/strings.js";
import { $, el, fail } from "../common/ui.js";
import { settingName } from "./setting_words.js";

const COUNTS = {
  students: () => _("Students"),
  faces: () => _("with an enrolled face"),
  photographs: () => _("kept photographs"),
  waiting: () => _("faces that wait to be confirmed"),
  cameras: () => _("who agreed to cameras in the room"),
  fingerprints: () => _("fingerprints of used pictures"),
  pins: () => _("with a PIN"),
  passkeys: () => _("with a passkey"),
  marks: () => _("marks"),
  notes: () => _("pictures of notes about absences"),
  guardians: () => _("guardians"),
};

const RULES = {
  required: () => _("is needed"),
  optional: () => _("or a passkey or PIN, as the student likes"),
  off: () => _("no"),
  qr: () => _("by scan only"),
  qr_or_code: () => _("by scan or typed code"),
  watch: () => _("is asked for; I see a sign where it fails"),
  enforce: () => _("is needed"),
};
const rule = (value) => RULES[value]?.() ?? value;

function shown(value) {
  if (value === null) return "–";
  if (value === true || value === false) return value ? _("yes") : _("no");
  return typeof value === "number" ? number(value, { maximumSignificantDigits: 6 }) : value;
}

const facts = (pairs) => pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, shown(value))]);

async function update() {
  const found = await api.get("/admin/assessment");
  const when = `${date(found.printed_at)}, ${time(found.printed_at)}`;
  $("#printed").textContent = [found.school, when].filter(Boolean).join(", ");
  $("#counts").replaceChildren(...facts(Object.entries(found.counts).map(([name, value]) => [COUNTS[name]?.() ?? name, value])));
  $("#settings").replaceChildren(...facts(Object.entries(found.settings).map(([name, value]) => [settingName(name), value])));
  $("#courses").replaceChildren(...found.courses.map((course) =>
    el("tr", {}, el("th", { scope: "row" }, `${course.code} ${course.name}`), ...[course.face, course.scan, course.liveness].map((value) => el("td", {}, rule(value))), el("td", {}, course.networks.join(" ") || "–"), el("td", {}, course.position ? _("is asked for: in or out") : _("no"))),
  ));
  $("#rooms").hidden = found.rooms.length === 0;
  $("#rooms dl").replaceChildren(...facts(found.rooms.map((room) => [room.name, room.networks.join(" ")])));
  $("#assessment").setAttribute("aria-busy", "false");
}

$("#print").addEventListener("click", () => window.print());
update().catch(fail);
