// A mark that could not be sent: kept on this device until it is sent or its time has run out.
//
// The picture lies in IndexedDB (it survives a closed page) and is deleted as soon as the server
// has answered: also when the answer is that the join token has expired.

import { api } from "../common/api.js";

const NAME = "attendance";
const STORE = "unsent";
const KEY = "mark";

function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function run(mode, action) {
  const database = await open();
  try {
    const store = database.transaction(STORE, mode).objectStore(STORE);
    return await new Promise((done, failed) => {
      const asked = action(store);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally {
    database.close();
  }
}

// Private windows may refuse to store: the page itself then keeps the mark, while it is open.
let memory = null;

// `mark` is { student, joinToken, challenge, subject, blobs, position }: one picture, or a few of one
// moment; with a challenge (its id) one for each of its steps; where the course asks for it, whether
// this device is at its place (in, out, unknown).
export async function keep(mark) {
  memory = mark;
  await run("readwrite", (store) => store.put(mark, KEY)).catch(() => {});
}

export async function forget() {
  memory = null;
  await run("readwrite", (store) => store.delete(KEY)).catch(() => {});
}

// The kept mark of this student, or null.
export async function kept(student) {
  const found = memory ?? (await run("readonly", (store) => store.get(KEY)).catch(() => null)) ?? null;
  if (found && found.student !== student) {
    await forget(); // another account has used this device
    return null;
  }
  // As this page kept it before a mark could have several pictures.
  if (found?.blob) return { ...found, blobs: [found.blob] };
  return found;
}

// Sends a mark: the answer of the server, or a Problem (unsent: nothing arrived).
export function send(mark) {
  const form = new FormData();
  for (const blob of mark.blobs) form.append("image", blob, "selfie.jpg");
  form.append("join_token", mark.joinToken);
  if (mark.challenge) form.append("challenge", mark.challenge);
  if (mark.position) form.append("position", mark.position);
  return api.post("/session/mark", { form });
}
