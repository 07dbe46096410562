/* Enhancement only: every page works without this file. No storage but the cookie "theme". */
(() => {
  "use strict";
  const html = document.documentElement;
  html.classList.add("js");

  /* Theme: light, dark or the system's. The server reads the cookie, so nothing flashes. */
  function isDark() {
    return html.dataset.theme
      ? html.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function switchTheme() {
    html.dataset.theme = isDark() ? "light" : "dark";
    document.cookie = `theme=${html.dataset.theme}; path=/; max-age=31536000; SameSite=Lax`;
  }

  /* Keys work only while the focus is inside the list (WCAG 2.1.4). */
  function moveInList(event) {
    const list = event.target.closest(".list");
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (!list || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) return;
    const links = [...list.querySelectorAll(".row-link")];
    const here = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, here + step))]?.focus();
    event.preventDefault();
  }

  function focusSearch(event) {
    if (event.key !== "/" || !event.target.closest(".list, .page, .rail-nav")) return;
    if (event.target.matches("input, select, textarea")) return;
    const own = document.querySelector(".sheet .search [type=search]");
    (own ?? document.querySelector("#search"))?.focus();
    event.preventDefault();
  }

  /* With a modifier, so it may work everywhere (WCAG 2.1.4): the box that finds everything. */
  function focusSearchOfAll(event) {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
    const box = document.querySelector("#search, #q");
    if (!box) return;
    box.focus();
    event.preventDefault();
  }

  /* <details> that act as a menu or a panel: Escape and a click elsewhere close them. */
  function openMenus() {
    return document.querySelectorAll("details.menu[open], details.panel[open]");
  }

  function closeOnEscape(event) {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
  }

  function closeElsewhere(event) {
    for (const menu of openMenus()) {
      if (menu.matches(".menu") && !menu.contains(event.target)) menu.open = false;
    }
  }

  /* The server ends an idle session; warn two minutes before, and ask for more time on request. */
  function watchIdle() {
    const seconds = Number(document.body.dataset.idleSeconds);
    const dialog = document.querySelector("[data-idle-warning]");
    if (!seconds || !dialog) return;
    let timer;
    const restart = () => {
      clearTimeout(timer);
      timer = setTimeout(() => dialog.showModal(), Math.max(10, seconds - 120) * 1000);
    };
    const form = dialog.querySelector("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (!answer.ok || answer.redirected) location.reload();
      dialog.close();
      restart();
    });
    document.addEventListener("htmx:after:request", restart);
    restart();
  }

  /* After the reader chose a row, the focus goes to the ticket that came in its place. */
  function focusDetail(event) {
    const chosen = event.target.closest?.(".row-link");
    if (!chosen) return;
    for (const row of document.querySelectorAll(".row")) {
      const active = row.contains(chosen);
      row.classList.toggle("row-active", active);
      row.querySelector(".row-link").toggleAttribute("aria-current", active);
    }
    document.querySelector("#detail h2")?.focus({ preventScroll: true });
  }

  /* A long form tells how far it is, a line of JSON each; whatever else is answered, is asked again
     in the plain way. */
  async function sendWithProgress(form) {
    const type = "application/x-ndjson";
    const shown = form.querySelector(".progress");
    const sent = { method: "POST", body: new FormData(form), headers: { Accept: type } };
    const answer = await fetch(form.action, sent);
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith(type)) return form.submit();
    shown.hidden = false;
    let rest = "";
    for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const told = JSON.parse(line);
        if (told.url) return location.assign(told.url);
        shown.querySelector("progress").max = told.total;
        shown.querySelector("progress").value = told.done;
        shown.querySelector("output").value = `${told.done} / ${told.total}`;
      }
    }
    form.submit();
  }

  document.addEventListener("keydown", moveInList);
  document.addEventListener("keydown", focusSearch);
  document.addEventListener("keydown", focusSearchOfAll);
  document.addEventListener("keydown", closeOnEscape);
  document.addEventListener("click", closeElsewhere);
  document.addEventListener("htmx:after:swap", focusDetail);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-switch]")) switchTheme();
    if (event.target.closest("[data-print]")) print();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-progress]")) return;
    event.preventDefault();
    sendWithProgress(event.target).catch(() => event.target.submit());
  });
  document.addEventListener("change", (event) => {
    event.target.closest("[data-auto-submit]")?.requestSubmit();
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-needs-script]")) button.hidden = false;
    watchIdle();
  });
})();
