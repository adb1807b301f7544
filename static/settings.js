// The settings' forms: presets that fill in, fields that a choice makes needless, chips that write at the cursor.
// Everything can be saved without it.

// A provider fills server, port and security, and shows its note.
for (const form of document.querySelectorAll("[data-presets]")) watchPresets(form);
document.addEventListener("htmx:afterSwap", () => {
  for (const form of document.querySelectorAll("[data-presets]:not([data-watched])")) watchPresets(form);
});
function watchPresets(form) {
  form.dataset.watched = "1";
  const show = () => {
    const chosen = form.querySelector("[name=preset]:checked");
    for (const note of form.querySelectorAll("[data-note]"))
      note.classList.toggle("unused", !chosen || note.dataset.note !== chosen.value);
    const user = form.querySelector("[name=different_user]");
    form.querySelector(".field-username").classList.toggle("unused", !user.checked);
  };
  form.addEventListener("change", (event) => {
    const choice = event.target.name === "preset" && event.target.closest("[data-host]");
    if (choice) {
      form.elements.host.value = choice.dataset.host;
      form.elements.port.value = choice.dataset.port;
      form.elements.security.value = choice.dataset.security;
    }
    show();
  });
  show();
}

// A rule in hours needs no time of day, one in days no unit.
for (const form of document.querySelectorAll("[data-rule]")) {
  const show = () => {
    const timing = form.querySelector("[name=timing]:checked")?.value;
    const hide = (name, needless) => form.querySelector(`.field-${name}`).classList.toggle("unused", needless);
    hide("unit", timing !== "before_elapsed");
    hide("at_time", timing !== "days_before_at");
    hide("working_days", timing === "before_elapsed");
  };
  form.addEventListener("change", show);
  show();
}

// A chip writes its field where the cursor last stood, in the subject or in the text.
let last = document.querySelector("textarea[name=body]");
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[name=body], [name=subject]")) last = event.target;
});
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-insert]");
  if (!chip || !last) return;
  last.setRangeText(chip.dataset.insert, last.selectionStart, last.selectionEnd, "end");
  last.focus();
  last.dispatchEvent(new Event("input", { bubbles: true }));
});

// Characters that make an SMS dearer are replaced by their neighbours of the small alphabet.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-replace]");
  const text = document.querySelector("textarea[name=body]");
  if (!button || !text) return;
  for (const pair of button.querySelectorAll("[data-from]"))
    text.value = text.value.replaceAll(pair.dataset.from, pair.dataset.to);
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
