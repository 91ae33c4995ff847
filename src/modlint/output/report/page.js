"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const toggle = (button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    return on;
  };

  // Filters: what is off is hidden, and so is a heading with nothing left below it.
  const choice = byId("module-choice");
  const off = (kind) =>
    new Set(all(`button[data-${kind}][aria-pressed="false"]`).map((b) => b.dataset[kind]));
  const filter = () => {
    const counts = [["problem", "severity"], ["item", "mark"]].map(([name, kind]) => {
      const hidden = off(kind);
      const things = all(`.${name}`);
      for (const thing of things) thing.hidden = hidden.has(thing.dataset[kind]);
      return [name, things];
    });
    for (const group of all(".filtered")) {
      group.hidden = !all(".problem, .item", group).some((thing) => !thing.hidden);
    }
    for (const module of all(".module")) {
      module.hidden = Boolean(choice && choice.value && choice.value !== module.id);
    }
    byId("shown").textContent = "Shown: " + counts
      .map(([name, things]) => {
        const shown = things.filter((t) => !t.hidden && !t.closest(".module").hidden).length;
        return `${shown} of ${things.length} ${name}s`;
      })
      .join(", ") + ".";
  };
  for (const button of all("button[data-severity], button[data-mark]")) {
    button.addEventListener("click", () => { toggle(button); filter(); });
  }
  if (choice) choice.addEventListener("change", filter);

  byId("open-all").addEventListener("click", (event) => {
    const on = toggle(event.currentTarget);
    for (const problem of all(".problem")) problem.open = on;
  });

  // The theme: the system's, until the reader chooses.
  const theme = byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const tell = () => theme.setAttribute("aria-pressed", String(isDark()));
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    tell();
  });
  dark.addEventListener("change", tell);

  // A link leads somewhere even where a filter or a fold hides it.
  const reveal = () => {
    const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const module = target.closest(".module");
    if (module && module.hidden) { choice.value = ""; filter(); }
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      at.hidden = false;
    }
    if (!target.matches("a, button, details, main")) target.tabIndex = -1;
    (target.tagName === "DETAILS" ? target.firstElementChild : target).focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);

  // On paper nothing opens: what is folded is opened first, the source aside.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not(.source):not([open])");
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
    folded = [];
  });

  byId("controls").hidden = false;
  tell();
  filter();
  reveal();
})();
