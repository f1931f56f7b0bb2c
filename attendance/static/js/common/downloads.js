// Files of the API: fetched as every call is, so that an expired sign-in is refreshed first.
//
//   <a href="/course/3/report.xlsx" download data-download>XLSX</a>

import { api } from "./api.js";
import { within } from "./paths.js";
import { busy, fail } from "./ui.js";

const PATIENCE_MS = 120_000;
const KEEP_MS = 10_000;

let choices = null; // how the teacher wants CSV files, asked for once a page

// The address of a file as this teacher's spreadsheet wants it.
async function chosen(path) {
  if (!path.split("?")[0].endsWith(".csv") || !["teacher", "admin"].includes(document.documentElement.dataset.role)) return path;
  choices ??= await api.get("/teacher/me/exports");
  if (!choices.chosen || path.startsWith("/admin/")) return path;
  const [address, query] = path.split("?");
  const wanted = new URLSearchParams(query);
  for (const name of ["separator", "times", "bom"]) wanted.set(name, choices[name]);
  return `${address}?${wanted}`;
}

export async function download(path, name) {
  const answer = await api.get(await chosen(path), { raw: true, timeout: PATIENCE_MS });
  const given = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
  save(await answer.blob(), given ? given[1] : name);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
}

// A text that the page itself has made.
export function saveText(text, name) {
  save(new Blob([text], { type: "text/plain" }), name);
}

// As attendance/spreadsheets/csv_lines.py has it: what spreadsheets would compute.
const PARTS = /([;|\t\r\n])/;
const FORMULA = /^[\s"'\p{Cc}\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]/u;
const neutralised = (text) => text.split(PARTS).map((part) => (FORMULA.test(part) ? `'${part}` : part)).join("");

// Rows as CSV that spreadsheets open right: BOM, quotes, no formulas.
export function csv(rows) {
  const cell = (value) => `"${neutralised(String(value)).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-download]");
  if (!link) return;
  event.preventDefault();
  const path = within(link.getAttribute("href"));
  busy(link, () => download(path, path.split("/").pop()).catch(fail));
});
