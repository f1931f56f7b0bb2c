// A press of a button before the page's modules have run would be lost: it is kept, and given once they have.
// Modules run before DOMContentLoaded, so that is when.
let early = null;

function keep(event) {
  const button = event.target.closest("button");
  if (!button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  early?.removeAttribute("aria-busy");
  early = button;
  early.setAttribute("aria-busy", "true");
}

document.addEventListener("click", keep, true);
document.addEventListener("DOMContentLoaded", () => {
  document.removeEventListener("click", keep, true);
  early?.removeAttribute("aria-busy");
  early?.click();
});

// Cookies of an installation with HTTPS are sent over HTTPS only: whoever came without it is told the way.
document.addEventListener("DOMContentLoaded", () => {
  const notice = document.getElementById("insecure");
  if (!notice || location.protocol === "https:") return;
  notice.querySelector("a").href = notice.dataset.origin + location.pathname + location.search + location.hash;
  notice.hidden = false;
});
