// Pages of a long list, kept in the address so that "back" works.
//
//   const pager = new Pager($("#pager"), async (page) => ({ page, per_page, total }));
//   pager.show();

import { inStep } from "./in_step.js";
import { _, number } from "./strings.js";
import { el, fail } from "./ui.js";

export class Pager {
  constructor(nav, load) {
    this.nav = nav;
    this.list = inStep(() => load(this.page), (answer) => this.#draw(answer));
    window.addEventListener("popstate", () => this.show());
  }

  get page() {
    return Math.max(1, Number(new URLSearchParams(location.search).get("page")) || 1);
  }

  async show() {
    try {
      await this.list.update();
    } catch (error) {
      fail(error);
    }
  }

  // From the first page again, for other filters.
  restart() {
    this.#go(1, "replaceState"); // which "back" need not visit, letter by letter
  }

  #go(page, remember = "pushState") {
    const address = new URL(location.href);
    if (page === 1) address.searchParams.delete("page");
    else address.searchParams.set("page", page);
    history[remember](null, "", address);
    return this.show();
  }

  #draw({ page, per_page: size, total }) {
    const pages = Math.max(1, Math.ceil(total / size));
    this.nav.hidden = pages === 1;
    const turn = (to, text) =>
      el("button", { type: "button", class: "outline secondary", disabled: to < 1 || to > pages, onclick: () => this.#go(to) }, text);
    this.nav.replaceChildren(
      turn(page - 1, _("Previous")),
      el("span", { "aria-current": "page" }, _("Page {page} of {pages}", { page: number(page), pages: number(pages) })),
      turn(page + 1, _("Next")),
    );
  }
}
