// The camera part of a page (templates/student/_camera.html): starting, switching, failing.

import { at } from "../common/paths.js";
import { Camera } from "./camera.js";
import { $ } from "../common/ui.js";

export class CameraView {
  constructor({ onReady, onFail = () => {} }) {
    this.camera = new Camera($("#video"));
    this.onReady = onReady;
    this.onFail = onFail;
    this.camera.onfail = (error) => this.#failed(error);
    this.camera.onlost = () => this.start();
    $("#camera-again").addEventListener("click", () => this.start());
    $("#switch-camera").addEventListener("click", () => this.#switch());
  }

  async start() {
    $("#camera-failed").hidden = true;
    $("#camera").hidden = false;
    try {
      await this.camera.start();
      $("#switch-camera").hidden = (await this.camera.others()).length === 0;
      this.onReady(this.camera);
    } catch (error) {
      this.#failed(error);
    }
  }

  stop() {
    this.camera.stop();
  }

  hint(text) {
    const hint = $("#hint");
    if (hint.textContent !== text) hint.textContent = text;
  }

  // "good" while the face in view is good.
  mood(name) {
    $("#camera").dataset.mood = name;
  }

  async #switch() {
    try {
      await this.camera.next();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error) {
    if (!error.sentences) throw error;
    const { title, help, link } = error.sentences;
    this.camera.stop();
    $("#camera").hidden = true;
    $("#camera-failed-title").textContent = title;
    $("#camera-failed-help").textContent = help;
    const more = $("#camera-failed-link");
    more.hidden = !link;
    if (link) {
      more.href = at(link.href);
      more.textContent = link.text;
    }
    $("#camera-again").hidden = error.code === "insecure";
    $("#camera-failed").hidden = false;
    this.onFail(error);
  }
}
