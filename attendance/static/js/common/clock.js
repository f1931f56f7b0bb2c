// The server's time, as far as a page knows it, and what is left of a session.

const SAME_MS = 2_000; // the Date header has whole seconds: a smaller difference is none
let ahead = 0;

// Learn from an answer's Date header how far this device's clock is off.
export function learnTime(answer) {
  const date = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(date)) ahead = Math.abs(date - Date.now()) < SAME_MS ? 0 : date - Date.now();
}

// Milliseconds since 1970 by the server's clock.
export function serverNow() {
  return Date.now() + ahead;
}

// 65 → "1:05", 3605 → "1:00:05".
export function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

// Calls show(text, isRemaining) every second: until the planned end, or since the start.
// Returns what stops it.
export function runClock({ started_at, closes_at }, show) {
  const tick = () => {
    const millis = closes_at ? Date.parse(closes_at) - serverNow() : serverNow() - Date.parse(started_at);
    show(clockText(closes_at ? Math.ceil(millis / 1000) : millis / 1000), Boolean(closes_at));
  };
  tick();
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}
