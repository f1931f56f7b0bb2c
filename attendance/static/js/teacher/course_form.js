// The fields of a course, for a new one and for changes.

import { $, el } from "../common/ui.js";

export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

// What the field for the time zone offers.
export function offerZones(form) {
  const zones = Intl.supportedValuesOf?.("timeZone") ?? [ownZone()];
  $("datalist", form).replaceChildren(...zones.map((zone) => el("option", { value: zone })));
}

// Values as the API takes them: an empty field is null.
export function courseValues(fields) {
  const trimmed = Object.entries(fields).map(([name, value]) => [name, value.trim() || null]);
  return Object.fromEntries(trimmed);
}
