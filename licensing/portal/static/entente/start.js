// Starts the components of GOV.UK Frontend, and makes wide tables reachable by keyboard; every page works without it.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

for (const table of document.querySelectorAll("main .govuk-table")) {
  const frame = document.createElement("div");
  frame.className = "entente-scroll";
  table.before(frame);
  frame.append(table);
  if (frame.scrollWidth > frame.clientWidth) {
    frame.tabIndex = 0;
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", table.caption?.textContent.trim() || "Table");
  }
}
