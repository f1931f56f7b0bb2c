// The mark: sent, kept on this device while it cannot be, and told with what helps next.

import { at } from "../common/paths.js";
import { explain } from "../common/problems.js";
import { _, time } from "../common/strings.js";
import { busy, fail, notify } from "../common/ui.js";
import { appeal } from "./appeal.js";
import { button, link, showResult } from "./join_steps.js";
import * as unsent from "./unsent.js";

const RESEND_MS = 4_000;

// What helps next: another picture, another scan, the enrolment, or a person.
const AGAIN = new Set(["face_not_found", "several_faces", "face_too_small", "too_blurry", "too_dark", "face_mismatch", "image_unreadable", "image_too_large", "too_many_tries", "session_locked", "wrong_network", "not_alive", "picture_used", "faces_differ"]);
const APPEAL = new Set(["face_mismatch", "not_alive", "picture_used", "wrong_network", "device_used", "session_locked", "session_ended", "face_too_small", "too_blurry", "too_dark"]);
const SCAN = new Set(["passkey_invalid", "key_required", "face_required", "join_required", "join_expired", "scan_required", "session_not_found", "session_ended"]);

// Refusals that a few more pictures of the same moment may turn round.
const UNCLEAR = new Set(["face_not_found", "several_faces", "too_blurry", "too_dark", "face_mismatch"]);
const SILENT = new Set(["too_many_tries", "faces_differ"]);

// The answer to a mark. Where its picture was not clear, a burst follows before anything is told;
// whoever is recognised by the first waits for none.
async function sent(kept, burst) {
  try {
    return await unsent.send(kept);
  } catch (refusal) {
    if (!burst || kept.challenge || !UNCLEAR.has(refusal.code)) throw refusal;
    const blobs = await burst();
    if (!blobs.length) throw refusal;
    try {
      return await unsent.send({ ...kept, blobs });
    } catch (error) {
      // That the second try came too soon, or did not arrive, helps nobody: the first refusal does.
      const tells = error.sentences && !error.unsent && error.status < 500 && !SILENT.has(error.code);
      throw tells ? error : refusal;
    }
  }
}

export class Marking {
  #sending = false;
  #waiting = null; // a mark that waits for the network: { kept, timer }

  // confirmed(sessionId, { marked, refused }) waits until the first face is decided upon;
  // session() → the one that was joined, or null; forget() when its join counts no more;
  // askIn() asks to be let into its course; askForCode() to begin again; again() shows the camera again; refused(code) is told why a mark or a join was refused.
  constructor({ session, forget, askIn, askForCode, again, refused, confirmed }) {
    this.confirmed = confirmed;
    this.askIn = askIn;
    this.session = session;
    this.forget = forget;
    this.askForCode = askForCode;
    this.again = again;
    this.onRefused = refused;
    window.addEventListener("online", () => this.#retry());
  }

  get sending() {
    return this.#sending;
  }

  get waits() {
    return this.#waiting !== null;
  }

  // Send a mark, as `unsent` keeps it, and tell how that went. `burst` takes more pictures of the
  // same moment, where the camera still runs.
  async deliver(kept, burst = null) {
    this.#sending = true;
    try {
      const answer = await sent(kept, burst);
      await unsent.forget();
      this.accepted(answer, kept.subject);
    } catch (error) {
      if (!error.sentences) return fail(error);
      if (error.unsent || error.status === 503) return this.#waitForNetwork(kept, error);
      if (error.code === "signed_out") {
        await unsent.keep(kept); // the sign-in leads back here, and it goes on
        return fail(error);
      }
      await unsent.forget();
      this.refused(error);
    } finally {
      this.#sending = false;
    }
    return undefined;
  }

  // A mark left over from another lesson stands in nobody's way: it is sent, and how that went is
  // told beside the present one.
  async settle(kept) {
    const { subject } = kept;
    try {
      const answer = await unsent.send(kept);
      await unsent.forget();
      notify("good", _("Marked in {subject} at {time}.", { subject, time: time(answer.marked_at) }), { key: "unsent" });
      return answer;
    } catch (error) {
      if (!error.sentences || error.code === "signed_out") throw error;
      if (error.unsent || error.status === 503) {
        await this.#waitForNetwork(kept, error);
        return null;
      }
      await unsent.forget();
      notify("bad", `${subject}: ${error.sentences.title}`, { key: "unsent" });
      return null;
    }
  }

  accepted(answer, subject) {
    if (answer.pending) return this.#untilConfirmed(answer, subject);
    this.forget();
    const at = time(answer.marked_at);
    const title = answer.status === "late" ? _("Late, but present") : answer.status === "excused" ? _("Excused") : _("Present");
    const text = answer.already
      ? _("You were already marked in {subject} at {time}.", { subject, time: at })
      : _("Marked in {subject} at {time}.", { subject, time: at });
    this.#tell("good", "check", title, text, [link(_("My attendance"), "/my/attendance"), link(_("Done"), "/my", true)]);
    return undefined;
  }

  // Kept until somebody has confirmed the first face: the page tells when that is done.
  #untilConfirmed(answer, subject) {
    this.confirmed(answer.session_id, {
      marked: (mark) => this.accepted({ ...mark, session_id: answer.session_id }, subject),
      refused: () =>
        this.#tell("bad", "cross", _("Your face was not confirmed"), _("Enrol it again together with your teacher, who can also mark you by hand."), [
          link(_("Enrol my face"), `/my/face?next=${encodeURIComponent(at("/join"))}`),
        ]),
    });
    const values = { subject, time: time(answer.marked_at) };
    this.#tell("warning", "clock", _("Kept until your teacher confirms you"), _("You marked in {subject} at {time}. It counts when your teacher has confirmed that the face you enrolled is yours.", values), [link(_("Done"), "/my", true)]);
  }

  refused(problem) {
    const { code } = problem;
    this.onRefused(code);
    const { title, help } = problem.sentences ?? explain(problem);
    const session = this.session();
    const actions = [];
    // without a session it was the join that was refused, from where one could be elsewhere soon
    if (AGAIN.has(code) && (session || code === "wrong_network")) actions.push(button(_("Try again"), this.again));
    if (SCAN.has(code)) actions.push(button(_("Scan or type the code"), this.askForCode));
    if (code === "face_not_enrolled") actions.push(link(_("Enrol my face"), `/my/face?next=${encodeURIComponent(at("/join"))}`));
    if (APPEAL.has(code) && session) {
      actions.push(button(_("I am here: tell my teacher"), () => this.#appeal(session), "outline secondary"));
    }
    if (code === "session_ended" && !session) actions.push(link(_("I was there: tell my teacher"), "/my/attendance#missed", true));
    if (code === "not_enrolled") {
      actions.push(button(_("Ask to be let in"), (event) => busy(event.currentTarget, () => this.askIn().catch(fail))));
      actions.push(link(_("Join with a code"), "/my#join-course-title", true));
    }
    if (!actions.length) actions.push(button(_("Start again"), this.askForCode));
    if (SCAN.has(code)) this.forget();
    // A lock is no refusal for good: the page goes on by itself.
    if (code === "session_locked" && session) this.#tell("warning", "lock", title, _("This page goes on by itself as soon as it is unlocked."), actions);
    else this.#tell("bad", "cross", title, help, actions);
  }

  // What was written stands on the page in the place of the refusal.
  async #appeal(session) {
    if (!(await appeal(session))) return;
    this.#tell("warning", "clock", _("Your teacher decides"), _("What you wrote about {subject} was sent. You will find the answer under “My attendance”.", { subject: session.subject }), [
      link(_("My attendance"), "/my/attendance"),
      button(_("Try again"), this.again, "outline secondary"),
    ]);
  }

  #tell(...result) {
    clearTimeout(this.#waiting?.timer);
    this.#waiting = null;
    showResult(...result);
  }

  async #waitForNetwork(kept, error) {
    await unsent.keep(kept);
    // Said once: a screen that is drawn again and again would take the focus each time.
    if (!this.waits) {
      this.#tell("warning", "offline", _("Not sent yet"), _("{reason}. Your picture is kept on this device and is sent by itself as soon as it works again. Leave this page open.", { reason: error.sentences.title }), [
        button(_("Send now"), () => this.#retry()),
      ]);
    }
    clearTimeout(this.#waiting?.timer);
    const timer = setTimeout(() => this.#retry(), Math.max(RESEND_MS, 1000 * (error.retryAfter ?? 0)));
    this.#waiting = { kept, timer };
  }

  #retry() {
    if (!this.waits || this.#sending) return;
    clearTimeout(this.#waiting.timer);
    this.deliver(this.#waiting.kept);
  }
}
