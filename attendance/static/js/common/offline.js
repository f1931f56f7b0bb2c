// The page that is shown without a network: it goes on by itself. It stands alone, since nothing else is kept.
const EVERY_MS = 5000;

const again = () => location.reload();
document.getElementById("again").addEventListener("click", again);
addEventListener("online", again);
setInterval(() => navigator.onLine && fetch(location.href, { method: "HEAD", cache: "no-store" }).then(again, () => {}), EVERY_MS);
