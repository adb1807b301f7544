// Small behaviours of the pages; everything works without them, only with one more click.

// A select or a date that says data-submit sends its form when it changes.
document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-submit]");
  if (field) field.form.requestSubmit();
});

// Forms in the address: fields left empty stay out of it, so that a link can be read and shared.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-short-address]")) return;
  for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
});
// Coming back by the browser's "back" finds the form usable again.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("[data-short-address] :disabled")) field.disabled = false;
});

// Only one menu is open, and Escape or a click elsewhere closes it.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
};
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

// A chip opens the panel of its row; the same chip, or the panel's cross, closes it again.
const chipsOf = (panel) => document.querySelectorAll(`[aria-controls="${panel.id}"]`);
const closePanel = (panel) => {
  panel.replaceChildren();
  for (const chip of chipsOf(panel)) chip.setAttribute("aria-expanded", "false");
};
// It says it is a button, so the space bar presses it too.
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches("a[data-panel]")) return;
  event.preventDefault();
  event.target.click();
});
document.addEventListener("htmx:confirm", (event) => {
  const chip = event.target.closest("[data-panel]");
  if (!chip || chip.getAttribute("aria-expanded") !== "true") return;
  event.preventDefault();
  closePanel(document.getElementById(chip.getAttribute("aria-controls")));
});
document.addEventListener("htmx:afterSwap", (event) => {
  const chip = event.detail.requestConfig.elt;
  if (!chip.matches("[data-panel]")) return;
  for (const other of chipsOf(event.target)) other.setAttribute("aria-expanded", String(other === chip));
});
document.addEventListener("click", (event) => {
  const cross = event.target.closest("[data-close-panel]");
  if (!cross) return;
  const panel = cross.closest("[data-panel-of]");
  const opener = document.querySelector(`[aria-controls="${panel.id}"][aria-expanded="true"]`);
  closePanel(panel);
  if (opener) opener.focus();
});
