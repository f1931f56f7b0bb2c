// Marking without a face: a passkey or a PIN, after a scan.

import { api } from "../common/api.js";
import { _ } from "../common/strings.js";
import { $, busy, onSubmit } from "../common/ui.js";
import { show } from "./join_steps.js";
import { passkeysWork, sign } from "./passkey.js";

export class Keys {
  // joined() → what the join answered; position() → what is said of the place; marked(answer), refused(problem), face(): the camera instead.
  constructor({ joined, position, marked, refused, face }) {
    this.joined = joined;
    this.position = position;
    this.marked = marked;
    this.refused = refused;
    $("#with-face").addEventListener("click", face);
    $("#with-passkey").addEventListener("click", (event) => busy(event.currentTarget, () => this.#passkey()));
    onSubmit($("#mark-pin"), async ({ pin }) => {
      this.marked(await this.#send({ pin }));
    });
  }

  // Ask which way it shall be; every way is as short as the others.
  show() {
    const { face, passkey } = this.joined();
    $("#with-face").hidden = face === "off";
    $("#with-passkey").hidden = passkey === null || !passkeysWork();
    show("keys");
  }

  async #passkey() {
    try {
      const { options, state } = this.joined().passkey;
      this.marked(await this.#send({ passkey: await sign(options), passkey_state: state }));
    } catch (error) {
      if (error.sentences) this.refused(error);
      else $("#keys-hint").textContent = _("The passkey was not used. Try again, or take the PIN.");
    }
  }

  async #send(fields) {
    const form = new FormData();
    form.append("join_token", this.joined().join_token);
    const position = await this.position();
    if (position) form.append("position", position);
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return api.post("/session/mark", { form });
  }
}
