// The audit log: filters, older lines on demand, CSV.

import { api } from "../common/api.js";
import "../common/downloads.js";
import { inStep } from "../common/in_step.js";
import { at } from "../common/paths.js";
import { dateTime } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, busy, el, fail, onSubmit } from "../common/ui.js";

const form = $("#filters");
let next = null;

// Days of this device's zone as moments: from the first's beginning to the last's end.
function filters() {
  const { since, until, ...rest } = Object.fromEntries(new FormData(form));
  const given = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  if (since) given.since = new Date(`${since}T00:00:00`).toISOString();
  if (until) given.until = new Date(`${until}T23:59:59.999`).toISOString();
  return new URLSearchParams(given);
}

function value(told) {
  if (told === null) return "";
  if (typeof told !== "object") return String(told);
  return Object.entries(told).filter(([, one]) => one !== null && one !== "").map(([name, one]) => `${name}: ${typeof one === "object" ? JSON.stringify(one, (_key, inner) => inner ?? undefined) : one}`).join(", ");
}

const person = (name, id) => (name ? [name, " ", el("span", { class: "small" }, id)] : [id]);

function line(entry) {
  return el("tr", {},
    el("td", { class: "nowrap" }, el("time", { datetime: entry.occurred_at }, dateTime(entry.occurred_at))),
    el("td", {}, ...person(entry.actor_name, entry.actor)),
    el("td", {}, el("code", {}, entry.action)),
    el("td", {}, ...person(entry.subject_name, entry.subject)),
    el("td", {}, value(entry.old)),
    el("td", {}, value(entry.new)),
    el("td", {}, entry.reason ?? ""),
  );
}

const { update } = inStep(
  () => {
    const query = filters();
    $("#csv").setAttribute("href", at(`/admin/audit.csv?${query}`));
    return api.get(`/admin/audit?${query}`);
  },
  (answer) => {
    $("#rows").replaceChildren();
    add(answer);
  },
);

function add(answer) {
  $("#rows").append(...answer.audit.map(line));
  $("#rows").setAttribute("aria-busy", "false");
  next = answer.next;
  $("#more").hidden = next === null;
  $("#none").hidden = $("#rows").children.length > 0;
}

async function more() {
  const before = next;
  const query = filters();
  query.set("before", before);
  const answer = await api.get(`/admin/audit?${query}`);
  if (before === next) add(answer); // else the filters have changed meanwhile
}

onSubmit(form, update);
$("#more").addEventListener("click", (event) => busy(event.currentTarget, () => more().catch(fail)));
update().catch(fail);
