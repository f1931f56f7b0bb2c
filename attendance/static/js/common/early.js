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
