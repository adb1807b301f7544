// Small helps in the forms of agenda and patients; everything works without them.

// A form that makes or changes something is sent once: its button rests after the first press.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  else if (!event.submitter || event.submitter.name !== "find") event.target.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-once]")) delete form.dataset.sent;
});

// Whether the patient shall be told is asked again, with what would then go, after each change of the form.
const asked = document.querySelector("[data-ask]");
if (asked) {
  asked.closest("form").addEventListener("change", (event) => {
    if (!["notify", "sought"].includes(event.target.name)) asked.dispatchEvent(new Event("ask"));
  });
  // The server's answer was on its way while the person said yes or no: what was said last stands.
  let said = "", read = false;
  asked.addEventListener("htmx:beforeSwap", () => {
    const chosen = asked.querySelector("[name=notify]:checked");
    if (chosen) said = chosen.value;
    read = Boolean(asked.querySelector("details[open]"));
  });
  asked.addEventListener("htmx:afterSwap", () => {
    const again = asked.querySelector(`[name=notify][value="${said}"]`);
    if (again) again.checked = true;
    for (const words of asked.querySelectorAll("details")) words.open = read;
  });
}

// The end follows the type's minutes, and keeps the length when the start moves.
const minutesOf = (text) => {
  const [hours, minutes] = text.split(":").map(Number);
  return text ? hours * 60 + minutes : null;
};
const clockOf = (minutes) => {
  const within = ((minutes % 1440) + 1440) % 1440;
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
};
const start = document.getElementById("id_time");
const end = document.getElementById("id_end_time");
const kind = document.getElementById("id_type");
if (start && end && kind) {
  let before = minutesOf(start.value);
  const lengthOfType = () => {
    const known = document.querySelector(`[data-type-minutes="${CSS.escape(kind.value)}"]`);
    return known ? Number(known.dataset.minutes) : 0;
  };
  start.addEventListener("change", () => {
    const now = minutesOf(start.value);
    if (now === null) return;
    const length = end.value && before !== null ? minutesOf(end.value) - before : lengthOfType();
    if (length > 0) end.value = clockOf(now + length);
    before = now;
  });
  kind.addEventListener("change", () => {
    const now = minutesOf(start.value);
    if (now !== null && lengthOfType()) end.value = clockOf(now + lengthOfType());
  });
}

// In the search field the enter key only searches, which typing has done already.
const sought = document.getElementById("sought");
if (sought) {
  sought.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

// One more line for a phone number.
const more = document.querySelector("[data-add-phone]");
if (more) {
  more.hidden = false;
  more.addEventListener("click", () => {
    const lines = document.querySelectorAll(".phone-line");
    const line = lines[lines.length - 1].cloneNode(true);
    const radio = line.querySelector("[type=radio]");
    radio.value = String(Number(radio.value) + 1);
    radio.checked = false;
    const field = line.querySelector("[name=phone]");
    field.value = "";
    more.before(line);
    field.focus();
  });
}
