// Health of the server, and the storage in use.

import { api } from "../common/api.js";
import { _, dateTime, number, percent } from "../common/strings.js";
import "../teacher/teaching_problems.js";
import { $, el, fail } from "../common/ui.js";
import { badge } from "../common/words.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

function size(bytes) {
  if (bytes === null) return _("unknown");
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return number(value, { style: "unit", unit: UNITS[unit], unitDisplay: "short", maximumFractionDigits: 1 });
}

function facts(list, entries) {
  list.replaceChildren(...entries.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
}

// What /health/ready says of the networks, in words.
const FACTS = {
  networks: () => _("Networks"),
  engine: () => _("Computed by"),
  mode: () => _("Mode"),
  precision: () => _("Precision"),
  threads: () => _("Threads"),
  processor: () => _("Processor"),
};

async function showHealth() {
  const answer = await api.get("/health/ready").catch((error) => ({ problem: error }));
  if (answer.problem) {
    facts($("#health"), [[_("State"), answer.problem.sentences.title]]);
    return;
  }
  const { database, recognizer } = answer;
  facts($("#health"), [
    [_("State"), badge("open", _("Ready"))],
    [_("Database"), database],
    ...Object.entries(recognizer).filter(([name]) => name in FACTS).map(([name, value]) => [FACTS[name](), String(value)]),
  ]);
}

const state = (good, yes, no) => badge(good ? "open" : "pending", good ? yes : no);

function showAbout({ version, address, https, mail, backup_at: backup }) {
  facts($("#about"), [
    [_("Version"), version],
    [_("Address"), address],
    ["HTTPS", state(https, _("on"), _("off: phones give no camera"))],
    [_("E-mail"), state(mail, _("set up"), _("not set up: links are handed on"))],
    [_("Last backup"), backup ? dateTime(backup) : state(false, "", _("none yet: “flask backup FILE”"))],
  ]);
}

async function showStorage() {
  const { about, storage, rows, faces, cameras } = await api.get("/admin/system");
  showAbout(about);
  facts($("#storage"), [
    [_("Database"), size(storage.database_bytes)],
    [_("Photographs"), size(storage.photo_bytes)],
    [_("Networks"), size(storage.model_bytes)],
    [_("Free on the disk"), `${size(storage.disk_free_bytes)} (${percent((100 * storage.disk_free_bytes) / storage.disk_bytes)})`],
  ]);
  facts($("#faces"), [
    [_("Networks in use"), faces.model],
    [_("Students whom they compare"), number(faces.current)],
    [_("To be moved by flask re-embed"), number(faces.re_embed)],
    [_("Judged by an earlier network until a clear mark"), number(faces.old)],
    [_("Asked to enrol again"), number(faces.enrol_again)],
  ]);
  facts($("#cameras"), [
    [_("Cameras that look now"), number(cameras.open)],
    [_("Frames"), cameras.ms_per_frame === null ? number(0) : `${number(cameras.frames)} (${number(cameras.ms_per_frame)} ms)`],
    [_("Faces recognised"), number(cameras.known)],
    [_("Faces that were not sure"), number(cameras.uncertain)],
    [_("Faces of nobody who agreed"), number(cameras.unknown)],
    [_("Marks"), number(cameras.marked)],
  ]);
  $("#disk").value = 1 - storage.disk_free_bytes / storage.disk_bytes;
  const NAMES = {
    teachers: _("Teachers"),
    students: _("Students"),
    face_templates: _("Face templates"),
    courses: _("Courses"),
    sessions: _("Sessions"),
    attendance: _("Marks"),
    audit: _("Lines of the audit log"),
  };
  facts($("#kept"), Object.entries(NAMES).map(([name, label]) => [label, number(rows[name])]));
}

Promise.all([showHealth(), showStorage()])
  .then(() => $("#system").setAttribute("aria-busy", "false"))
  .catch(fail);
