// Messages that a browser shows while no page is open: what this browser has to do with them.

import { api } from "./api.js";
import { registered } from "./installed.js";

// The calls are the student's or the teacher's own.
export const pushPath = document.documentElement.dataset.role === "student" ? "/student/push" : "/teacher/push";

export const pushWorks = () => "PushManager" in globalThis && "Notification" in globalThis && "serviceWorker" in navigator;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

// As the server names it: SHA-256 of its endpoint.
export async function fingerprint({ endpoint }) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function current() {
  if (!pushWorks()) return null;
  return (await registered)?.pushManager.getSubscription() ?? null;
}

// Resolves with the subscription, made with the server's key; one of another key cannot be heard any more.
export async function subscribe(key) {
  const found = await registered;
  if (!found) throw new Error("no service worker");
  await navigator.serviceWorker.ready;
  await (await found.pushManager.getSubscription())?.unsubscribe();
  return found.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
}

// This browser is told no more, whoever uses it next.
export async function stopHere() {
  const subscription = await current();
  if (!subscription) return;
  const mine = await fingerprint(subscription);
  await subscription.unsubscribe();
  const { devices } = await api.get(pushPath);
  await Promise.all(devices.filter((device) => device.fingerprint === mine).map(({ id }) => api.delete(`${pushPath}/${id}`)));
}
