// Marking: into the session by scan, ticket or code; a selfie when one good face is in view; the
// answer in big letters, and what to do when it is no.

import { api } from "../common/api.js";
import { connect } from "../common/live.js";
import { at } from "../common/paths.js";
import { $, busy, fail, onSubmit } from "../common/ui.js";
import { Keys } from "./join_keys.js";
import { onPicture, selfie } from "./join_camera.js";
import { Marking } from "./join_marking.js";
import { link, show, showResult, showSession } from "./join_steps.js";
import { _ } from "../common/strings.js";
import { stayText } from "../common/words.js";
import { ask as askPosition } from "./position.js";
import * as unsent from "./unsent.js";

const page = $("#mark");
const student = Number(page.dataset.student) || null;
const LEAST_LEFT = 0.6; // of a challenge's time that may have passed before it is begun
const JOINED = "joined"; // in sessionStorage: what a reload of this tab must not lose

let joined = null; // { session, join_token, expires_at, challenge }
let arrived = null; // when the challenge came that was not begun
let live = null;
let asked = {}; // with what this page stands before the session
let stood = "open"; // the session's state as this page has told it
let position = async () => null; // on which side of the course's place this device is, if it asks

const marking = new Marking({
  session: () => joined?.session ?? null,
  forget: forgetJoin,
  askIn,
  askForCode,
  again: () => (joined ? showMe() : begin()),
  confirmed,
  refused: (code) => {
    if (code === "session_locked") stood = "locked";
  },
});

onPicture(async (blobs, burst) => {
  const { join_token: joinToken, challenge: shown, session } = joined;
  await marking.deliver({ student, joinToken, challenge: shown?.id ?? null, subject: session.subject, blobs, position: await position() }, burst);
});

// What to show; null: one picture is enough. Asked anew where the last one was begun or has little
// time left, by this page's own clock: the device's may be minutes off.
async function challenge(way = null) {
  const last = joined.challenge;
  if (!last) return null;
  const fresh = arrived !== null && performance.now() - arrived < LEAST_LEFT * 1000 * last.seconds;
  if (way !== null || !fresh) {
    const wanted = way ?? (last.steps.includes("near") ? "distance" : "turn");
    const answer = await api.post("/session/join", { json: { join_token: joined.join_token, way: wanted } });
    joined.challenge = answer.challenge;
  }
  arrived = null;
  return joined.challenge;
}

// The camera, and above it what to do.
async function showMe(way = null) {
  try {
    selfie(await challenge(way));
  } catch (error) {
    if (!error.sentences || error.code === "signed_out") fail(error);
    else marking.refused(error);
  }
}

$("#other-way").addEventListener("click", (event) =>
  busy(event.currentTarget, () => showMe(joined.challenge?.steps.includes("near") ? "turn" : "distance")),
);

const keys = new Keys({
  joined: () => joined,
  position: () => position(),
  marked: (answer) => marking.accepted(answer, joined.session.subject),
  refused: (problem) => marking.refused(problem),
  face: () => byFace().catch(fail),
});

function askForCode() {
  forgetJoin();
  showSession(null);
  show("code");
}

// Not in the course: the teacher is asked, and the page goes on when he or she says yes.
async function askIn() {
  const { request } = await api.post("/session/ask-in", { json: asked });
  if (request.state === "accepted") return begin();
  const { course } = request;
  const decided = (said) => {
    if (said.course.id !== course.id || said.state === "open") return;
    live?.close();
    live = null;
    if (said.state === "accepted") begin();
    else showResult("bad", "cross", _("Your teacher has not let you in"), _("Ask why, or join the course with its join code."), [link(_("Join with a code"), "/my#join-course-title", true)]);
  };
  live?.close();
  live = connect({ on: { join_request_changed: (message) => decided(message.request) } });
  showResult("warning", "clock", _("Your teacher is asked"), _("Leave this page open: it goes on by itself when you are let into {course}.", { course: course.name }), [link(_("Join with a code"), "/my#join-course-title", true)]);
  return undefined;
}

// -- into the session

// `sent` is the answer to an earlier mark that has just been sent.
async function join(body, sent = null) {
  asked = body;
  const answer = await api.post("/session/join", { json: body });
  if (sent?.session_id === answer.session.id) {
    marking.accepted(sent, answer.session.subject);
    return;
  }
  joined = answer;
  arrived = performance.now();
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
  $("#place").hidden = !joined.position;
  listen(joined.session.id);
  if (joined.check_out) {
    show("leave");
    return;
  }
  position = askPosition(joined.position);
  if (joined.face && joined.face !== "required") {
    keys.show();
    return;
  }
  await byFace();
}

async function byFace() {
  const { student: me } = await api.get("/student/me");
  if (me.templates === 0 && !me.face_waits) {
    show("enrol");
    return;
  }
  if (stood === "open") await showMe();
}

$("#leave").addEventListener("click", (event) => busy(event.currentTarget, async () => {
  const { session, join_token: token } = joined;
  try {
    const { stay } = await api.post("/session/leave", { json: { join_token: token } });
    forgetJoin();
    showResult("good", "check", _("You have checked out"), `${session.subject}: ${stayText(stay)}`, [link(_("My attendance"), "/my/attendance", true)]);
  } catch (error) {
    if (!error.sentences || error.code === "signed_out") fail(error);
    else marking.refused(error);
  }
}));

// A mark is kept until the first face is confirmed: with it comes the mark itself.
function confirmed(sessionId, { marked, refused }) {
  forgetJoin();
  live = connect({
    on: {
      attendance_marked: ({ session_id, ...mark }) => session_id === sessionId && marked(mark),
      face_decided: ({ accepted }) => accepted || refused(),
    },
  });
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
  if (marking.sending || state === stood) return;
  stood = state;
  if (state === "open") showMe();
  else marking.refused({ code: `session_${state}` });
}

onSubmit($("#code-form"), async ({ code }) => {
  if (student === null) {
    const next = at(`/join?${new URLSearchParams({ code })}`);
    location.assign(at(`/sign-in?${new URLSearchParams({ role: "student", next })}`));
    return;
  }
  await join({ code });
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
    await marking.deliver(kept);
    return;
  }
  try {
    const sent = kept && (await marking.settle(kept));
    if (marking.waits) return; // what comes next could not be sent either
    if (scanned) await join({}, sent);
    else if (page.dataset.code) await join({ code: page.dataset.code }, sent);
    else if ((joined = rememberedJoin())) await enter();
  } catch (error) {
    if (!error.sentences || error.code === "signed_out") fail(error);
    else marking.refused(error);
  }
}

begin();
