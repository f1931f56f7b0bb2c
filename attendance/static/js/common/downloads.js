// Files of the API: fetched as every call is, so that an expired sign-in is refreshed first.
//
//   <a href="/course/3/report.xlsx" download data-download>XLSX</a>

import { api } from "./api.js";
import { busy, fail } from "./ui.js";

const PATIENCE_MS = 120_000;
const KEEP_MS = 10_000;

export async function download(path, name) {
  const answer = await api.get(path, { raw: true, timeout: PATIENCE_MS });
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

// Rows as CSV that spreadsheets open right: BOM, quotes, no formulas.
export function csv(rows) {
  const cell = (value) => `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
  return `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-download]");
  if (!link) return;
  event.preventDefault();
  const path = link.getAttribute("href");
  busy(link, () => download(path, path.split("/").pop()).catch(fail));
});
