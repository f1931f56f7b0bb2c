// A session's camera: what it may do, its picture with names, and the faces that it asks about.

import { api } from "../common/api.js";
import { inStep } from "../common/in_step.js";
import { _, n_, time } from "../common/strings.js";
import { $, announce, busy, el, fail } from "../common/ui.js";
import { CameraFeed, drawBoxes } from "./camera_feed.js";
import "./teaching_problems.js";

const REASONS = {
  proposed: () => _("Recognised"),
  uncertain: () => _("Not sure"),
  still: () => _("Has never moved: a picture?"),
};
const UNDO_MS = 15_000;

export class CameraCard {
  constructor(id, { live }) {
    this.id = id;
    this.path = `/session/${id}`;
    this.video = $("#camera-video");
    this.waiting = new Map();
    this.feed = new CameraFeed(this.video, {
      session: id,
      send: (message, timeout) => live().send("camera_frame", message, timeout),
      seen: (answer) => this.#seen(answer),
      failed: (code) => this.#failed(code),
    });
    const { update } = inStep(() => Promise.all([api.get(`${this.path}/camera`), api.get(`${this.path}/sightings`)]), ([{ camera }, { sightings }]) => {
      this.#state(camera);
      this.waiting = new Map(sightings.map((sighting) => [sighting.id, sighting]));
      this.#queue();
    });
    this.update = update;
    $("#camera-mode").addEventListener("change", () => this.#change());
    $("#camera-start").addEventListener("click", (event) => busy(event.currentTarget, () => this.#start()));
    $("#camera-stop").addEventListener("click", () => this.stop());
    $("#camera-large").addEventListener("click", () => $("#camera-stage").requestFullscreen?.().catch(() => {}));
    $("#camera-device").addEventListener("change", () => this.#start());
    $("#camera-compared").addEventListener("toggle", () => $("#camera-compared").open && this.#compare().catch(fail));
    window.addEventListener("pagehide", () => this.feed.stop());
  }

  // What the session's events bring.
  get events() {
    const own = (action) => (message) => message.session_id === this.id && action(message);
    return {
      sighting_added: own(({ sighting }) => this.#take(sighting)),
      sighting_decided: own(({ sighting }) => this.#take(sighting)),
      camera_changed: own(({ mode }) => mode && this.update().catch(fail)),
    };
  }

  ended() {
    this.stop();
    this.waiting.clear();
    this.#queue();
  }

  stop() {
    this.feed.stop();
    this.#running();
  }

  // Whoever is marked is asked about no more.
  marked(studentId) {
    for (const [id, { candidates }] of this.waiting) {
      if (candidates[0]?.student_id !== studentId) continue;
      if (candidates.length > 1) this.update().catch(fail); // it may be the other one
      else this.waiting.delete(id);
    }
    this.#queue();
  }

  #state({ mode, gallery }) {
    $("#camera-mode").value = mode;
    $("#camera-mode").disabled = false;
    $("#camera-use").hidden = mode === "off";
    $("#camera-about").textContent = mode === "off"
      ? _("It knows only students who agreed to it, and the projector says that it looks.")
      : n_("It can recognise {n} student who agreed to it.", "It can recognise {n} students who agreed to it.", gallery);
    if (mode === "off" && this.feed.runs) this.stop();
  }

  async #compare() {
    const { seconds, enough, unseen, unmarked } = await api.get(`${this.path}/camera/compared`);
    const minutes = Math.floor(seconds / 60);
    const looked = n_("The camera has looked for {n} minute.", "The camera has looked for {n} minutes.", minutes);
    $("#compared-about").textContent = enough ? looked : `${looked} ${_("That is too short, or it saw too few, to say who was not there.")}`;
    const line = ({ name, student_id }) => el("li", {}, `${name} (${student_id})`);
    $("#compared-unseen").replaceChildren(...unseen.map(line));
    $("#compared-unmarked").replaceChildren(...unmarked.map(line));
  }

  async #change() {
    try {
      const { camera } = await api.put(`${this.path}/camera`, { json: { mode: $("#camera-mode").value } });
      this.#state(camera);
    } catch (error) {
      fail(error);
      this.update().catch(fail);
    }
  }

  async #start() {
    this.#stage(true); // its room is there before its picture
    try {
      await this.feed.start($("#camera-device").value);
      await this.#devices();
    } catch (error) {
      const refused = error?.name === "NotAllowedError";
      $("#camera-counts").textContent = refused
        ? _("The camera is not allowed. Allow it in the browser’s address bar.")
        : _("No camera could be started.");
    }
    this.#running();
  }

  async #devices() {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    const chosen = this.feed.stream?.getVideoTracks()[0]?.getSettings().deviceId;
    $("#camera-choice").hidden = cameras.length < 2;
    $("#camera-device").replaceChildren(...cameras.map(({ deviceId, label }, index) =>
      el("option", { value: deviceId, selected: deviceId === chosen }, label || _("Camera {number}", { number: index + 1 }))));
  }

  #stage(shown) {
    $("#camera-stage").hidden = !shown;
    $("#camera-large").hidden = !shown || !document.fullscreenEnabled;
    if (!shown && document.fullscreenElement) document.exitFullscreen();
  }

  #running() {
    const runs = this.feed.runs;
    this.#stage(runs);
    $("#camera-start").hidden = runs;
    $("#camera-stop").hidden = !runs;
    if (!runs) drawBoxes($("#camera-boxes"), this.video, []);
  }

  #seen({ faces, ms }) {
    drawBoxes($("#camera-boxes"), this.video, faces);
    const known = faces.filter(({ state }) => state === "known").length;
    $("#camera-stage").dataset.known = known;
    $("#camera-stage").dataset.faces = faces.length;
    const counts = n_("{n} face, {known} recognised", "{n} faces, {known} recognised", faces.length, { known });
    $("#camera-counts").textContent = `${counts} · ${Math.round(ms)} ms`;
  }

  #failed(code) {
    const words = {
      offline: _("No connection: the camera waits."),
      camera_off: _("No camera recognises in the session"),
      session_locked: _("The session is locked: the camera waits."),
      recognizer_busy: _("The server has much to do: the camera waits."),
      too_many_cameras: _("Too many cameras look already"),
    };
    $("#camera-counts").textContent = words[code] ?? _("The camera waits ({code}).", { code });
    if (code === "session_ended") this.stop();
  }

  // -- the faces that it asks about

  #take(sighting) {
    if (sighting.decided) this.waiting.delete(sighting.id);
    else this.waiting.set(sighting.id, sighting);
    this.#queue();
  }

  #queue() {
    const waiting = [...this.waiting.values()].filter(({ candidates }) => candidates.length);
    $("#camera-queue").hidden = waiting.length === 0;
    const kept = new Map([...$("#sightings").children].map((item) => [Number(item.dataset.id), item]));
    $("#sightings").replaceChildren(...waiting.map((sighting) => kept.get(sighting.id) ?? this.#item(sighting)));
  }

  #item(sighting) {
    const first = sighting.candidates[0].name;
    const picture = sighting.crop
      ? el("img", { src: `${this.path}/sightings/${sighting.id}/crop.jpg`, alt: _("A face that the camera has seen"), width: 72, height: 72 })
      : null;
    const answers = sighting.candidates.map(({ student_id, name }) =>
      el("button", { type: "button", class: "tiny", onclick: (event) => this.#decide(event.currentTarget, sighting, student_id, name) }, name));
    const nobody = el("button", { type: "button", class: "tiny outline secondary", "aria-label": _("Nobody of these: {name}", { name: first }), onclick: (event) => this.#decide(event.currentTarget, sighting, null) }, _("Nobody of these"));
    const about = el("p", { class: "small" }, `${REASONS[sighting.reason]()} · ${time(sighting.at)}`);
    return el("li", { "data-id": sighting.id }, picture, el("div", {}, about, el("p", { class: "actions" }, ...answers, nobody)));
  }

  #decide(button, sighting, studentId, name) {
    return busy(button, async () => {
      try {
        const { sighting: decided } = await api.post(`${this.path}/sightings/${sighting.id}/decide`, { json: { student_id: studentId } });
        this.#take(decided);
        const said = studentId === null ? _("Nobody was marked.") : _("{name} is marked.", { name });
        announce(said);
        this.#offerUndo(sighting, said);
      } catch (error) {
        fail(error);
        this.update().catch(fail);
      }
    });
  }

  #offerUndo(sighting, said) {
    const undo = el("button", { type: "button", class: "tiny outline", onclick: (event) => busy(event.currentTarget, async () => {
      try {
        const { sighting: back } = await api.post(`${this.path}/sightings/${sighting.id}/undo`);
        this.#take(back);
        $("#camera-undo").replaceChildren();
      } catch (error) {
        fail(error);
      }
    }) }, _("Undo"));
    $("#camera-undo").replaceChildren(el("p", { class: "actions" }, said, " ", undo));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => $("#camera-undo").replaceChildren(), UNDO_MS);
  }
}
