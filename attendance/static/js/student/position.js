// On which side of a course's place this device is. The browser is asked only where the course wants
// to know; what it answers stays in this page, and only "in", "out" or "unknown" is sent.

const EARTH_METRES = 6_371_000;
const COARSE_METRES = 100; // a browser that errs by more than this and the circle says nothing
const BROWSERS_TIME_MS = 8_000;
const STALE_MS = 60_000;
const PATIENCE_MS = 3_000; // for whoever has not answered the browser's question when the mark is sent

const radians = (degrees) => (degrees * Math.PI) / 180;

// Along the surface (haversine), in metres.
export function apart(one, other) {
  const [a, b] = [radians(one.latitude), radians(other.latitude)];
  const east = radians(other.longitude - one.longitude);
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(east / 2) ** 2;
  return 2 * EARTH_METRES * Math.asin(Math.min(1, Math.sqrt(half)));
}

// `found` is { latitude, longitude, accuracy }. In doubt nobody is out, and who errs by much is nowhere.
export function side(found, place) {
  if (apart(found, place) > place.metres + found.accuracy) return "out";
  return found.accuracy <= Math.max(place.metres, COARSE_METRES) ? "in" : "unknown";
}

function found() {
  const options = { enableHighAccuracy: true, timeout: BROWSERS_TIME_MS, maximumAge: STALE_MS };
  return new Promise((done) => {
    if (!navigator.geolocation) done(null);
    else navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), () => done(null), options);
  });
}

// Asks now; the answer is a function that says "in", "out" or "unknown" when the mark is sent, or
// null where there is no place.
export function ask(place) {
  if (!place) return async () => null;
  const answer = found().then((coords) => (coords ? side(coords, place) : "unknown"));
  const late = () => new Promise((done) => setTimeout(() => done("unknown"), PATIENCE_MS));
  return () => Promise.race([answer, late()]);
}
