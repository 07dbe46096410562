/* Enhancement only: every page works without this file. No storage but the cookie "theme", and what is
   typed in the last minutes of a session. */
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

  /* The server ends a session that is idle or old: warn two minutes before, and ask for more time on
     request. From then on what is typed is kept in this window, until its writer is back. */
  function watchIdle() {
    const { idleSeconds, sessionSeconds } = document.body.dataset;
    const dialog = document.querySelector("[data-idle-warning]");
    if (!idleSeconds || !dialog) return;
    const last = Date.now() + sessionSeconds * 1000;
    let timers = [];
    const warn = (isLast) => {
      for (const part of dialog.querySelectorAll("[data-idle]")) part.hidden = isLast;
      for (const part of dialog.querySelectorAll("[data-last]")) part.hidden = !isLast;
      keepTyped();
      document.addEventListener("input", keepTyped);
      dialog.showModal();
    };
    const restart = () => {
      timers.forEach(clearTimeout);
      document.removeEventListener("input", keepTyped);
      sessionStorage.removeItem("typed");
      const left = Math.min(idleSeconds * 1000, last - Date.now());
      const until = Math.max(10, left / 1000 - 120) * 1000;
      timers = [
        setTimeout(warn, until, left < idleSeconds * 1000),
        setTimeout(() => location.assign(location.href.split("#")[0]), until + 125_000),
      ];
    };
    const form = dialog.querySelector("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!dialog.querySelector("[data-last]").hidden) return dialog.close();
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (!answer.ok || answer.redirected) return location.assign(location.href.split("#")[0]);
      dialog.close();
      restart();
    });
    document.addEventListener("htmx:after:request", (event) => {
      /* An answer from elsewhere is that of the sign-in page: the session was over. */
      if (!event.detail.ctx.response.raw.redirected) restart();
    });
    restart();
  }

  /* Every field of the page with what tells it from the others; no passwords, files or tokens. */
  function fields() {
    const all = document.querySelectorAll("#content form[method=post] :is(input, textarea, select)[name]");
    return [...all]
      .filter((field) => !["hidden", "password", "file", "submit"].includes(field.type))
      .map((field) => {
        const choice = ["radio", "checkbox"].includes(field.type);
        return [`${field.form.getAttribute("action")} ${field.name} ${choice ? field.value : ""}`, field, choice];
      });
  }

  function keepTyped() {
    const typed = fields().map(([key, field, choice]) => [key, choice ? field.checked : field.value]);
    const kept = { whose: document.body.dataset.whose, page: location.pathname, typed };
    sessionStorage.setItem("typed", JSON.stringify(kept));
  }

  /* On the first page after signing in again; on any other, or for somebody else, it is gone. */
  function showTyped() {
    const kept = JSON.parse(sessionStorage.getItem("typed"));
    const { whose } = document.body.dataset;
    if (!kept || !whose) return;
    sessionStorage.removeItem("typed");
    if (kept.whose !== whose || kept.page !== location.pathname) return;
    const typed = new Map(kept.typed);
    for (const [key, field, choice] of fields()) {
      if (!typed.has(key)) continue;
      if (choice) field.checked = typed.get(key);
      else if (field.value !== typed.get(key)) {
        field.value = typed.get(key);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
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
    showTyped();
    watchIdle();
  });
})();
