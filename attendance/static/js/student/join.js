// Marking: into the session by scan, ticket or code; a selfie when one good face is in view; the
// answer in big letters, and what to do when it is no.

import { api } from "../common/api.js";
import { fromFile } from "./camera.js";
import { connect } from "../common/live.js";
import { explain } from "../common/problems.js";
import { _, time } from "../common/strings.js";
import { $, $$, busy, el, fail, formatTimes, icon, notify, onSubmit } from "../common/ui.js";
import { CameraView } from "./camera_view.js";
import { appeal } from "./appeal.js";
import { startScanner, ticketOf } from "./scan.js";
import * as unsent from "./unsent.js";
import { watchFace } from "./watch_face.js";

const page = $("#mark");
const student = Number(page.dataset.student) || null;
const JOINED = "joined"; // in sessionStorage: what a reload of this tab must not lose
const RESEND_MS = 4_000;

let joined = null; // { session, join_token, expires_at }
let stopWatching = () => {};
let stopScanner = null;
let live = null;
let sending = false;
let stood = "open"; // the session's state as this page has told it
let waiting = null; // a mark that waits for the network: { kept, timer }

const view = new CameraView({ onReady: watch, onFail: () => ($("#shoot").hidden = true) });

// -- steps

function show(step) {
  for (const section of $$("#mark > section")) section.hidden = section.id !== `step-${step}`;
  if (step !== "selfie") {
    stopWatching();
    view.stop();
  }
  if (step !== "code") stopScanning();
  window.scrollTo(0, 0);
  $(`#step-${step} h1`).focus();
}

function showSession(session) {
  $("#session").hidden = false;
  $("#subject").textContent = session.subject;
  $("#section").textContent = session.section ?? "";
  $("#started").setAttribute("datetime", session.started_at);
  formatTimes($("#session"));
}

function askForCode() {
  forgetJoin();
  $("#session").hidden = true;
  show("code");
}

// -- into the session

// `sent` is the answer to an earlier mark that has just been sent.
async function join(body, sent = null) {
  const answer = await api.post("/session/join", { json: body });
  if (sent?.session_id === answer.session.id) {
    accepted(sent, answer.session.subject);
    return;
  }
  joined = answer;
  sessionStorage.setItem(JOINED, JSON.stringify({ student, ...answer }));
  enter();
}

function rememberedJoin() {
  try {
    const found = JSON.parse(sessionStorage.getItem(JOINED));
    return found?.student === student ? found : null;
  } catch {
    return null;
  }
}

function forgetJoin() {
  joined = null;
  sessionStorage.removeItem(JOINED);
  live?.close();
  live = null;
}

async function enter() {
  showSession(joined.session);
  listen(joined.session.id);
  const { student: me } = await api.get("/student/me");
  if (me.templates === 0) {
    show("enrol");
    return;
  }
  if (stood === "open") selfie();
}

function selfie() {
  show("selfie");
  view.start();
}

// What the teacher does meanwhile is said at once, or as soon as there is a connection again.
function listen(sessionId) {
  live?.close();
  stood = "open";
  const is = (state) => (message) => message.session_id === sessionId && stands(state);
  live = connect({
    on: {
      session_locked: is("locked"),
      session_unlocked: is("open"),
      session_stopped: is("ended"),
    },
    catchUp: async () => {
      const { session } = await api.get(`/session/${sessionId}`);
      if (joined?.session.id === sessionId) stands(session.state);
    },
  });
  live.join(sessionId);
}

function stands(state) {
  if (sending || state === stood) return;
  stood = state;
  if (state === "open") selfie();
  else refused({ code: `session_${state}` });
}

// -- the selfie

function watch(camera) {
  stopWatching();
  $("#shoot").hidden = false;
  view.mood("");
  view.hint(_("Bring your face into the oval"));
  stopWatching = watchFace(camera, {
    hint: (text, problem) => {
      view.mood("");
      view.hint(text);
      if (problem?.code === "signed_out") fail(problem);
    },
    look: ({ blob }) => {
      view.mood("good");
      view.hint(_("Good, one moment …"));
      mark(blob);
      return true;
    },
  });
}

$("#shoot").addEventListener("click", (event) =>
  busy(event.currentTarget, async () => {
    const frame = await view.camera.frame();
    if (!frame) return;
    stopWatching();
    view.hint(_("One moment …"));
    await mark(frame.blob);
  }),
);

$("#choose").addEventListener("click", () => $("#file").click());
$("#file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  stopWatching();
  await mark(await fromFile(file));
});

// -- the mark

async function mark(blob) {
  await deliver({ student, joinToken: joined.join_token, subject: joined.session.subject, blob });
}

async function deliver(kept) {
  sending = true;
  try {
    const answer = await unsent.send(kept);
    await unsent.forget();
    accepted(answer, kept.subject);
  } catch (error) {
    if (!error.sentences) return fail(error);
    if (error.unsent || error.status === 503) return waitForNetwork(kept, error);
    if (error.code === "signed_out") {
      await unsent.keep(kept); // the sign-in leads back here, and it goes on
      return fail(error);
    }
    await unsent.forget();
    refused(error);
  } finally {
    sending = false;
  }
  return undefined;
}

async function waitForNetwork(kept, error) {
  await unsent.keep(kept);
  // Said once: a screen that is drawn again and again would take the focus each time.
  if (!waiting) tellUnsent(error);
  clearTimeout(waiting?.timer);
  waiting = { kept, timer: setTimeout(retry, Math.max(RESEND_MS, 1000 * (error.retryAfter ?? 0))) };
}

function tellUnsent(error) {
  result("warning", "offline", _("Not sent yet"), _("{reason}. Your picture is kept on this device and is sent by itself as soon as it works again. Leave this page open.", { reason: error.sentences.title }), [
    button(_("Send now"), retry),
  ]);
}

function retry() {
  if (!waiting || sending) return;
  clearTimeout(waiting.timer);
  deliver(waiting.kept);
}

window.addEventListener("online", retry);

function accepted(answer, subject) {
  forgetJoin();
  const at = time(answer.marked_at);
  const title = answer.status === "late" ? _("Late, but present") : answer.status === "excused" ? _("Excused") : _("Present");
  const text = answer.already
    ? _("You were already marked in {subject} at {time}.", { subject, time: at })
    : _("Marked in {subject} at {time}.", { subject, time: at });
  result("good", "check", title, text, [link(_("My attendance"), "/my/attendance"), link(_("Done"), "/my", true)]);
}

// What helps next: another picture, another scan, the enrolment, or a person.
const AGAIN = new Set(["face_not_found", "several_faces", "face_too_small", "too_blurry", "too_dark", "face_mismatch", "image_unreadable", "image_too_large", "too_many_tries"]);
const APPEAL = new Set(["face_mismatch", "session_locked", "session_ended", "face_too_small", "too_blurry", "too_dark"]);
const SCAN = new Set(["join_required", "join_expired", "session_not_found", "session_ended"]);

function refused(problem) {
  if (problem.code === "session_locked") stood = "locked";
  const { title, help } = problem.sentences ?? explain(problem);
  const actions = [];
  if (AGAIN.has(problem.code) && joined) actions.push(button(_("Try again"), selfie));
  if (problem.code === "session_locked" && joined) actions.push(button(_("Try again"), selfie));
  if (SCAN.has(problem.code)) actions.push(button(_("Scan or type the code"), askForCode));
  if (problem.code === "face_not_enrolled") actions.push(link(_("Enrol my face"), "/my/face?next=/join"));
  if (problem.code === "face_mismatch") actions.push(link(_("Enrol my face again"), "/my/face?next=/join", true));
  const session = joined?.session;
  if (APPEAL.has(problem.code) && session) {
    actions.push(button(_("I am here: tell my teacher"), () => appeal(session), "outline secondary"));
  }
  if (!actions.length) actions.push(button(_("Start again"), askForCode));
  if (SCAN.has(problem.code)) forgetJoin();
  result("bad", "cross", title, help, actions);
}

function result(kind, sign, title, text, actions) {
  clearTimeout(waiting?.timer);
  waiting = null;
  show("result");
  $("#step-result").className = `result ${kind}`;
  $("#result-icon").replaceChildren(icon(sign, "huge"));
  $("#result-title").textContent = title;
  $("#result-text").textContent = text;
  $("#result-actions").replaceChildren(...actions);
  $("#result-title").focus();
}

function button(text, action, kind = null) {
  return el("button", { type: "button", onclick: action, class: kind }, text);
}

function link(text, href, secondary = false) {
  return el("a", { href, class: secondary ? "button outline secondary" : "button" }, text);
}

// -- the code, by hand or by scan

onSubmit($("#code-form"), async ({ code }) => {
  if (student === null) {
    const next = `/join?${new URLSearchParams({ code })}`;
    location.assign(`/sign-in?${new URLSearchParams({ role: "student", next })}`);
    return;
  }
  await join({ code });
});

$("#scan").addEventListener("click", async () => {
  const hint = $("#scan-hint");
  $("#scanner").hidden = false;
  $("#scan").hidden = true;
  try {
    stopScanner = await startScanner($("#scan-video"), (text) => {
      const ticket = ticketOf(text);
      if (!ticket) {
        hint.textContent = _("This is not a code of a session");
        return false;
      }
      hint.textContent = _("Good, one moment …");
      location.assign(`/join/${encodeURIComponent(ticket)}`);
      return true;
    });
    $("#stop-scan").focus();
  } catch (error) {
    stopScanning();
    const { title, help } = error.sentences ?? { title: _("The scanner could not be started"), help: _("Type the code instead.") };
    $("#code-form .form-error").textContent = `${title}. ${help}`;
  }
});

function stopScanning() {
  stopScanner?.();
  stopScanner = null;
  $("#scanner").hidden = true;
  $("#scan").hidden = false;
}

$("#stop-scan").addEventListener("click", stopScanning);
window.addEventListener("pagehide", () => {
  view.stop();
  stopScanning();
});

// -- the beginning

async function begin() {
  if (student === null) {
    if (page.dataset.code) $("#code-form [name=code]").value = page.dataset.code;
    return;
  }
  const kept = await unsent.kept(student);
  const scanned = page.dataset.reserved === "yes";
  if (kept && !scanned && !page.dataset.code) {
    await deliver(kept);
    return;
  }
  try {
    const sent = kept && (await settle(kept));
    if (waiting) return; // what comes next could not be sent either
    if (scanned) await join({}, sent);
    else if (page.dataset.code) await join({ code: page.dataset.code }, sent);
    else if ((joined = rememberedJoin())) await enter();
  } catch (error) {
    if (!error.sentences || error.code === "signed_out") fail(error);
    else refused(error);
  }
}

// A mark left over from another lesson stands in nobody's way: it is sent, and how that went is
// told beside the present one.
async function settle(kept) {
  const { subject } = kept;
  try {
    const answer = await unsent.send(kept);
    await unsent.forget();
    notify("good", _("Marked in {subject} at {time}.", { subject, time: time(answer.marked_at) }), { key: "unsent" });
    return answer;
  } catch (error) {
    if (!error.sentences || error.code === "signed_out") throw error;
    if (error.unsent || error.status === 503) {
      await waitForNetwork(kept, error);
      return null;
    }
    await unsent.forget();
    notify("bad", `${subject}: ${error.sentences.title}`, { key: "unsent" });
    return null;
  }
}

begin();
