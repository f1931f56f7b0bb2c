// Small helpers of all pages: elements, notices, live announcements, busy buttons, form errors.

import { Problem, signInUrl, toSignIn } from "./api.js";
import { at } from "./paths.js";
import { fieldText, invalidText } from "./problems.js";
import { _, date, dateTime, time } from "./strings.js";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// el("p", { class: "small", onclick: f }, "text", child); an href is a path of this server, or whole
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : key === "href" && value.startsWith("/") ? at(value) : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("../../icons.svg", import.meta.url).pathname;

export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

// Say something to screen readers.
export function announce(text) {
  const live = $("#live");
  live.textContent = "";
  requestAnimationFrame(() => {
    live.textContent = text;
  });
}

const NOTICE_ICONS = { good: "check", bad: "cross", warning: "warning", info: "clock" };

const LEAVES_MS = 8000;

// A message in view, wherever the page stands, and read out: kind is good, bad, warning or info.
// One per `key`. What went well leaves by itself, the others stay until they are closed.
export function notify(kind, text, { key = text, actions = [], closable = true } = {}) {
  dismiss(key);
  const close = closable
    ? el("button", { class: "close", type: "button", "aria-label": _("Close this notice"), onclick: () => dismiss(key) }, "×")
    : null;
  const row = actions.length ? el("p", { class: "actions" }, ...actions) : null;
  const made = el("div", { class: `notice ${kind}`, "data-key": key }, icon(NOTICE_ICONS[kind]), el("div", {}, el("p", {}, text), row), close);
  $("#notices").prepend(made);
  if (kind === "good" && closable && !actions.length) leave(made);
  return made;
}

// Not while somebody reads or points at it.
function leave(notice) {
  setTimeout(() => (notice.matches(":hover, :focus-within") ? leave(notice) : notice.remove()), LEAVES_MS);
}

const NEXT = "said-next"; // in sessionStorage

// Say on the page to which this one leads now what went well here.
export function notifyThere(text) {
  try {
    sessionStorage.setItem(NEXT, text);
  } catch {
    // a browser that keeps nothing: the page there shows it by itself
  }
}

function sayWhatWasDone() {
  try {
    const text = sessionStorage.getItem(NEXT);
    sessionStorage.removeItem(NEXT);
    if (text) notify("good", text);
  } catch {
    // see above
  }
}
sayWhatWasDone();

export function dismiss(key) {
  for (const notice of $$("#notices > .notice")) if (notice.dataset.key === key) notice.remove();
}

// A problem as one text: what happened, and what to do.
export function problemText(problem) {
  const { title, help } = problem.sentences;
  return `${title}. ${help}`;
}

// Show what failed: signed out leads to the sign-in, everything else is said at the top.
export function fail(error) {
  // what has come is shown, although the rest has not
  for (const part of $$("main [aria-busy=true]:not(button, a)")) part.setAttribute("aria-busy", "false");
  if (!(error instanceof Problem)) {
    console.error(error);
    return notify("bad", _("Something went wrong on this page. Load it again."), { key: "failure" });
  }
  if (error.code === "account_changed") return undefined; // same_account.js has said it
  if (error.code === "signed_out") return toSignIn();
  return notify("bad", problemText(error), { key: "failure" });
}

// Run an action with the button busy, once at a time.
export async function busy(button, action) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  try {
    return await action();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// A form whose fields are judged by the browser first and by the API then.
export function onSubmit(form, action) {
  const box = $(".form-error", form);
  const button = $("button[type=submit], button:not([type])", form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearErrors(form);
    const fields = $$("input, select, textarea", form).filter((field) => !field.disabled && field.name && !field.hidden);
    const wrong = fields.filter((field) => !field.validity.valid);
    for (const field of wrong) fieldError(field, invalidText(field));
    if (wrong.length) return wrong[0].focus();
    await busy(button, async () => {
      try {
        await action(Object.fromEntries(new FormData(form)), button);
      } catch (error) {
        showFormError(form, box, error);
      }
    });
    return undefined;
  });
}

// A button that opens a dialog with its form empty again, but for what `fill` writes into it.
export function opensEmpty(button, dialog, fill = () => {}) {
  const form = $("form", dialog);
  button.addEventListener("click", () => {
    form.reset();
    clearErrors(form);
    fill();
    dialog.showModal();
  });
  $("[data-close]", dialog).addEventListener("click", () => dialog.close());
}

function showFormError(form, box, error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    box.textContent = _("Something went wrong on this page. Load it again.");
    return;
  }
  let first = null;
  for (const wrong of error.body.errors ?? []) {
    const input = form.elements.namedItem(wrong.field) ?? form.elements.namedItem(listField(wrong.field));
    if (!(input instanceof HTMLElement)) continue;
    fieldError(input, fieldText(wrong));
    first ??= input;
  }
  if (first) first.focus();
  else box.textContent = problemText(error);
  if (error.code === "signed_out") box.append(" ", el("a", { href: signInUrl() }, _("Sign in and come back")));
}

// The field that a list was typed into: "networks" for its first word, "check_in.networks.0".
function listField(path) {
  return path.split(".").filter((part) => !/^\d+$/.test(part)).pop() ?? "";
}

let numbered = 0;

function fieldError(field, message) {
  const id = `error-${(numbered += 1)}`;
  // The message stands in the label, beside its field; the field's name is what it was.
  const name = nameOf(field);
  if (name) {
    field.setAttribute("aria-label", name);
    field.dataset.named = "";
  }
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", id);
  // Many screen readers read descriptions only.
  field.setAttribute("aria-describedby", [...described(field), id].join(" "));
  field.insertAdjacentElement("afterend", el("span", { class: "field-error", id }, message));
}

function nameOf(field) {
  const label = field.closest("label");
  if (!label || field.hasAttribute("aria-label")) return null;
  const ids = described(field);
  const parts = [...label.childNodes].filter((node) => node !== field && !ids.includes(node.id) && !node.matches?.("datalist, option, .field-error"));
  return parts.map((node) => node.textContent).join(" ").replace(/\s+/g, " ").trim();
}

function described(field) {
  return (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
}

export function clearErrors(form) {
  const box = $(".form-error", form);
  if (box) box.textContent = "";
  for (const message of $$(".field-error", form)) message.remove();
  for (const field of $$("[aria-invalid]", form)) {
    const others = described(field).filter((id) => id !== field.getAttribute("aria-errormessage"));
    if (others.length) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
    if ("named" in field.dataset) {
      field.removeAttribute("aria-label");
      delete field.dataset.named;
    }
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
}

const FORMATS = { date, time, datetime: dateTime };

// <time datetime="…Z" data-format="date|time|datetime"> in the reader's language and zone.
export function formatTimes(root = document) {
  for (const element of $$("time[data-format]", root)) {
    const iso = element.getAttribute("datetime");
    if (iso) element.textContent = FORMATS[element.dataset.format](iso);
  }
}

formatTimes();

// On a phone the tabs are wider than the screen: the current one is in view.
for (const tab of $$(".tabs [aria-current]")) {
  const list = tab.closest("ul");
  const [outer, inner] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
  list.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
}
