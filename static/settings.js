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

// A rule's form shows what fits its kind, timing and channels; a new rule takes the usual statuses of its kind until
// somebody ticks others.
for (const form of document.querySelectorAll("[data-rule]")) {
  const notices = form.dataset.rule.split(" ");
  const usual = JSON.parse(document.getElementById("rule-statuses").textContent);
  const ticks = [...form.querySelectorAll("[name=statuses]")];
  let touched = !("new" in form.dataset);
  const hide = (selector, needless) => {
    for (const part of form.querySelectorAll(selector)) part.classList.toggle("unused", needless);
  };
  const show = () => {
    const kind = form.elements.kind.value;
    const timing = form.querySelector("[name=timing]:checked")?.value;
    const notice = notices.includes(kind);
    hide(".field-timing, .field-amount, .field-stop_when_confirmed, .only-timed", notice);
    hide(".field-unit", notice || timing !== "before_elapsed");
    hide(".field-at_time", notice || timing !== "days_before_at");
    hide(".field-working_days", notice || timing === "before_elapsed");
    hide(".field-statuses", kind === "cancellation");
    hide(".only-fallback", !form.elements.fallback_channel.value);
    hide(".field-fallback_minutes", form.dataset.silent.split(" ").includes(form.elements.channel.value || "-"));
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "statuses") touched = true;
    if (event.target.name === "kind" && !touched)
      for (const tick of ticks) tick.checked = usual[event.target.value].includes(tick.value);
    show();
  });
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
