// What scripts say, in the language of the page. English is the key; the others come in a script
// of the server's that has run before (no module waits for anything while it loads, so that every
// button works from the moment the page has loaded).
//
//   _("Hello {name}", { name })          n_("{n} picture", "{n} pictures", n)

export const language = document.documentElement.lang;
// For Intl: student numbers, codes and addresses have the digits 0 to 9, and so have counts and times beside them.
export const locale = `${language}-u-nu-latn`;

const strings = globalThis.attendanceStrings ?? {}; // English is better than nothing
const plurals = new Intl.PluralRules(language);
const rightToLeft = document.documentElement.dir === "rtl";

// A name or code inside a sentence that runs the other way is set apart from it (U+2068 to U+2069), or its
// punctuation would jump to the wrong side.
const apart = (value) => (rightToLeft ? `\u2068${value}\u2069` : String(value));

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? apart(values[name]) : whole));
}

export function _(text, values = {}) {
  const found = strings[text];
  return fill(typeof found === "string" && found ? found : text, values);
}

// A plural comes as {category: text}, with the categories that Unicode (CLDR) gives the language.
export function n_(one, many, n, values = {}) {
  const forms = strings[one];
  const found = forms?.[plurals.select(n)] ?? forms?.other;
  return fill(found || (n === 1 ? one : many), { n: number(n), ...values });
}

export function number(value, options) {
  return new Intl.NumberFormat(locale, options).format(value);
}

export function percent(value) {
  return number(value / 100, { style: "percent", maximumFractionDigits: 1 });
}

export function date(iso, options = { dateStyle: "medium" }) {
  return new Intl.DateTimeFormat(locale, options).format(new Date(iso));
}

export function time(iso) {
  return date(iso, { timeStyle: "short" });
}

// "18:00" as the reader writes it.
export function clockTime(text) {
  const [hour, minute] = text.split(":").map(Number);
  return new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1, hour, minute));
}

// Days of the week as the API writes them, and as the reader does.
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONDAY = Date.UTC(2024, 0, 1); // any Monday: the browser knows the names of the days

export function dayName(day) {
  return new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }).format(MONDAY + DAYS.indexOf(day) * 86_400_000);
}

export function dateTime(iso) {
  return date(iso, { dateStyle: "medium", timeStyle: "short" });
}

// For `zoned`: a day, a time of day, and both.
export const DAY = { day: "numeric", month: "short", year: "numeric" };
export const CLOCK = { hour: "numeric", minute: "2-digit" };
export const MOMENT = { ...DAY, ...CLOCK };

// A moment in a course's zone (null: the reader's); the zone is said where the reader's clock shows
// another time.
export function zoned(iso, zone, options, say = true) {
  const moment = new Date(iso);
  const shown = { ...options, timeZone: zone ?? undefined };
  const differs = zone && offset(moment, zone) !== offset(moment);
  if (say && differs) shown.timeZoneName = "short";
  return new Intl.DateTimeFormat(locale, shown).format(moment);
}

// The day of a moment in a zone (null: the reader's), as the API writes days: 2026-11-28.
export function dayOf(moment, zone = null) {
  return new Intl.DateTimeFormat("sv", { timeZone: zone ?? undefined }).format(new Date(moment));
}

// "GMT+9", or nothing where the reader's clock shows the same.
export function zoneName(iso, zone) {
  const moment = new Date(iso);
  if (!zone || offset(moment, zone) === offset(moment)) return "";
  const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "short" }).formatToParts(moment);
  return parts.find(({ type }) => type === "timeZoneName").value;
}

function offset(moment, zone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(moment);
  return parts.find(({ type }) => type === "timeZoneName").value;
}
