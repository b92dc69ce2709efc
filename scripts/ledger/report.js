"use strict";
// Search, filters, links to what a filter hides, and paper. Without it everything is shown.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);

  // What a search looks through: the words of a claim, and its formulas as they are typed.
  const claims = all(".claim").map((element) => ({
    element,
    verdict: element.dataset.verdict,
    theme: element.dataset.theme,
    text: [element.textContent, ...all("math", element).map((formula) => formula.getAttribute("alttext"))]
      .join(" ").toLowerCase(),
  }));
  const figures = all("figure");
  const groups = all(".group");
  const buttons = all(".tally button");
  const search = one("search");
  const theme = one("theme");
  const unfold = one("unfold");
  const details = all(".claim details, figure details");

  const pressed = (button) => button.getAttribute("aria-pressed") === "true";
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));

  function filter() {
    const verdicts = new Set(buttons.filter(pressed).map((button) => button.dataset.verdict));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    for (const claim of claims) {
      const fits = (!verdicts.size || verdicts.has(claim.verdict))
        && (!theme.value || claim.theme === theme.value)
        && words.every((word) => claim.text.includes(word));
      claim.element.hidden = !fits;
      if (fits) shown.add(claim.element.id);
    }
    // A figure stays as long as a claim that it shows does, wherever that claim stands.
    for (const figure of figures) {
      figure.hidden = !figure.dataset.claims.split(" ").some((id) => shown.has(id));
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".claim:not([hidden]), figure:not([hidden])");
    }
    one("none").hidden = shown.size > 0;
    one("clear").disabled = shown.size === claims.length
      && !verdicts.size && !words.length && !theme.value;
    one("shown").textContent = `${shown.size} of ${claims.length} claims`;
  }

  function clear() {
    buttons.forEach((button) => press(button, false));
    search.value = "";
    theme.value = "";
    filter();
  }

  // A link leads to its claim or figure even where a filter hides it.
  function follow() {
    const target = one(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      clear();
      target.scrollIntoView();
    }
    const inside = target.matches(".claim") && target.querySelector("details");
    if (inside) inside.open = true;
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      press(button, !pressed(button));
      filter();
    });
  }
  search.addEventListener("input", filter);
  theme.addEventListener("change", filter);
  one("clear").addEventListener("click", () => {
    clear();
    search.focus();
  });
  one("none").querySelector("button").addEventListener("click", () => {
    clear();
    search.focus();
  });
  unfold.addEventListener("click", () => {
    press(unfold, !pressed(unfold));
    for (const detail of details) detail.open = pressed(unfold);
  });
  addEventListener("hashchange", follow);

  // On paper nothing can be opened any more.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const detail of opened) detail.open = true;
  });
  addEventListener("afterprint", () => {
    for (const detail of opened) detail.open = false;
  });

  document.querySelector(".controls").hidden = false;
  filter();
  follow();
})();
