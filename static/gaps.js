// The call list by keys: arrows choose a patient, R says "reminded by phone". Off while something is typed.
document.addEventListener("keydown", (event) => {
  const call = event.target.closest("[data-call]");
  if (!call || event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (step) {
    event.preventDefault();
    call[step]?.focus();
  } else if (event.key.toLowerCase() === "r") {
    call.querySelector("form")?.requestSubmit();
  }
});
// After one was called, the next is chosen.
if (location.hash === "#calls") document.querySelector("[data-call]")?.focus();
