"use strict";
// Search, filters, links to what a filter hides, and paper. Without it everything is shown.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);

  // What a search looks through: the words of a claim, and its formulas as they are typed.
  // Letters and numbers of a formula alone, so that λ_max, λmax and \lambda_{\max} find each other.
  const plain = (text) => text.toLowerCase().replace(/[_^{}$\\]/g, "").replace(/\s+/g, " ");
  const claims = all(".claim").map((element) => ({
    element,
    verdict: element.dataset.verdict,
    theme: element.dataset.theme,
    text: [element.textContent, ...all("[data-latex]", element).map((formula) => formula.dataset.latex)]
      .join(" "),
  }));
  for (const claim of claims) claim.text = plain(claim.text);
  const folds = all(".fold");
  const figures = all("figure[data-claims]");
  const groups = all(".group");
  const buttons = all(".tally button");
  const search = one("search");
  const theme = one("theme");
  const unfold = one("unfold");

  const pressed = (button) => button.getAttribute("aria-pressed") === "true";
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));

  function filter() {
    const verdicts = new Set(buttons.filter(pressed).map((button) => button.dataset.verdict));
    // As a phrase if it stands anywhere so, as with "figure 2"; else each of its words.
    const phrase = plain(search.value).trim();
    const whole = claims.some((claim) => claim.text.includes(phrase));
    const words = (whole ? [phrase] : phrase.split(" ")).filter(Boolean);
    const shown = new Set();
    for (const claim of claims) {
      const fits = (!verdicts.size || verdicts.has(claim.verdict))
        && (!theme.value || claim.theme === theme.value)
        && words.every((word) => claim.text.includes(word));
      claim.element.hidden = !fits;
      if (fits) shown.add(claim.element.id);
    }
    const asked = Boolean(verdicts.size || words.length || theme.value);
    for (const fold of folds) {
      fold.hidden = !fold.querySelector(".claim:not([hidden])");
      fold.open = asked || pressed(unfold);
    }
    // A figure stays as long as a claim that it shows does, wherever that claim stands.
    for (const figure of figures) {
      figure.hidden = asked && !figure.dataset.claims.split(" ").some((id) => shown.has(id));
    }
    for (const group of groups) {
      group.hidden = !group.querySelector(".claim:not([hidden]), figure:not([hidden])");
    }
    one("none").hidden = shown.size > 0;
    one("clear").disabled = !asked;
    one("shown").textContent = asked
      ? `${shown.size} of ${claims.length} claims` : `${claims.length} claims`;
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
    if (target.closest("[hidden]")) clear();
    for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) {
      at.open = true;
    }
    target.scrollIntoView();
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
    unfold.textContent = pressed(unfold) ? "Show fewer rows" : "Show all rows";
    for (const fold of folds) fold.open = pressed(unfold);
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

  // Beside the headlines each figure once more, in small.
  for (const image of all("img[data-figure]")) {
    image.src = one(image.dataset.figure).querySelector("img").src;
  }
  document.querySelector(".controls").hidden = false;
  filter();
  follow();
})();
