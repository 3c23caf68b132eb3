// Starts the components of GOV.UK Frontend; every page works without it.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// What scrolls sideways can be reached and named by keyboard, and only while it scrolls.
const scrollers = new ResizeObserver((seen) => seen.forEach(({ target }) => reach(target)));
document.querySelectorAll(".entente-scroll").forEach((box) => scrollers.observe(box));

function reach(box) {
  const scrolls = box.scrollWidth > box.clientWidth;
  const table = box.querySelector("table");
  const name = table?.getAttribute("aria-label") || table?.caption?.textContent.trim() || document.getElementById(table?.getAttribute("aria-labelledby"))?.textContent.trim();
  const attributes = { tabindex: "0", role: "region", "aria-label": `${name || "Table"}, scrolls sideways` };
  for (const [key, value] of Object.entries(attributes)) scrolls ? box.setAttribute(key, value) : box.removeAttribute(key);
}
