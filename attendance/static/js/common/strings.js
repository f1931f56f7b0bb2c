// What scripts say, in the language of the page. English is the key; the others come in a script
// of the server's that has run before (no module waits for anything while it loads, so that every
// button works from the moment the page has loaded).
//
//   _("Hello {name}", { name })          n_("{n} picture", "{n} pictures", n)

export const language = document.documentElement.lang;

const strings = globalThis.attendanceStrings ?? {}; // English is better than nothing
const plurals = new Intl.PluralRules(language);
// CLDR order is the order of the forms in a catalogue.
const CATEGORIES = ["zero", "one", "two", "few", "many", "other"];
const used = plurals.resolvedOptions().pluralCategories;
const order = CATEGORIES.filter((category) => used.includes(category));

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function _(text, values = {}) {
  const found = strings[text];
  return fill(typeof found === "string" && found ? found : text, values);
}

export function n_(one, many, n, values = {}) {
  const forms = strings[one];
  const index = order.indexOf(plurals.select(n));
  const found = Array.isArray(forms) ? forms[Math.min(index < 0 ? forms.length - 1 : index, forms.length - 1)] : null;
  return fill(found || (n === 1 ? one : many), { n: number(n), ...values });
}

export function number(value, options) {
  return new Intl.NumberFormat(language, options).format(value);
}

export function percent(value) {
  return number(value / 100, { style: "percent", maximumFractionDigits: 1 });
}

export function date(iso, options = { dateStyle: "medium" }) {
  return new Intl.DateTimeFormat(language, options).format(new Date(iso));
}

export function time(iso) {
  return date(iso, { timeStyle: "short" });
}

export function dateTime(iso) {
  return date(iso, { dateStyle: "medium", timeStyle: "short" });
}
