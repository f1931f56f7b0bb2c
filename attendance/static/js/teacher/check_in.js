// The card with the rules of checking in.

import { _ } from "../common/strings.js";
import { $, notify, onSubmit } from "../common/ui.js";

const WORDS = ["scan", "face", "liveness", "check_out"];

const USUAL_METRES = 150;

function position({ latitude, longitude, metres }) {
  if (latitude.value === "" && longitude.value === "") return null;
  return { latitude: Number(latitude.value), longitude: Number(longitude.value), metres: Number(metres.value) };
}

// Half a place is none.
function bothOrNone({ latitude, longitude }) {
  const wanted = latitude.value !== "" || longitude.value !== "";
  for (const field of [latitude, longitude]) field.required = wanted;
}

function fillIn({ latitude, longitude }) {
  const asked = navigator.geolocation ?? { getCurrentPosition: (_found, refused) => refused() };
  asked.getCurrentPosition(
    ({ coords }) => {
      latitude.value = coords.latitude.toFixed(5);
      longitude.value = coords.longitude.toFixed(5);
    },
    () => notify("bad", _("Your browser does not tell where you are."), { key: "place" }),
  );
}

export class CheckIn {
  // change(values) stores them, and shows the course as it then is.
  constructor(form, change) {
    this.form = form;
    form.addEventListener("input", () => bothOrNone(form.elements));
    $("#here").addEventListener("click", () => fillIn(form.elements));
    onSubmit(form, async () => {
      const { elements } = form;
      const rules = Object.fromEntries(WORDS.map((name) => [name, elements[name].value]));
      const networks = elements.networks.value.split(/[\s,;]+/).filter(Boolean);
      await change({ check_in: { ...rules, networks, one_device: elements.one_device.checked, position: position(elements) } });
      notify("good", _("Saved."), { key: "saved" });
    });
  }

  show({ check_in: rules }) {
    const { elements } = this.form;
    $("fieldset", this.form).disabled = false;
    for (const name of WORDS) elements[name].value = rules[name];
    elements.networks.value = rules.networks.join(" ");
    elements.one_device.checked = rules.one_device;
    for (const name of ["latitude", "longitude"]) elements[name].value = rules.position?.[name] ?? "";
    elements.metres.value = rules.position?.metres ?? USUAL_METRES;
    bothOrNone(elements);
  }
}
