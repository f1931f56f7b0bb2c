// The card with the rules of checking in.

import { _ } from "../common/strings.js";
import { $, notify, onSubmit } from "../common/ui.js";

const WORDS = ["scan", "face", "liveness"];

export class CheckIn {
  // change(values) stores them, and shows the course as it then is.
  constructor(form, change) {
    this.form = form;
    onSubmit(form, async () => {
      const { elements } = form;
      const rules = Object.fromEntries(WORDS.map((name) => [name, elements[name].value]));
      const networks = elements.networks.value.split(/[\s,;]+/).filter(Boolean);
      await change({ check_in: { ...rules, networks, one_device: elements.one_device.checked } });
      notify("good", _("Saved."), { key: "saved" });
    });
  }

  show({ check_in: rules }) {
    const { elements } = this.form;
    $("fieldset", this.form).disabled = false;
    for (const name of WORDS) elements[name].value = rules[name];
    elements.networks.value = rules.networks.join(" ");
    elements.one_device.checked = rules.one_device;
  }
}
