// Keeps what is marked data-live as the server has it: the same page is read again every two seconds, and what
// differs from the last answer is replaced. What stayed the same is not touched, so that focus, an opened
// detail and a mail's frame stay as they are.
"use strict";

const shown = new Map();
for (const part of document.querySelectorAll("[data-live]")) shown.set(part.id, part.innerHTML);

function focusedLink(part) {
  const focused = document.activeElement;
  return focused && part.contains(focused) ? focused.getAttribute("href") : null;
}

async function look() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(part.id);
    if (!newer || newer.innerHTML === shown.get(part.id)) continue;
    const href = focusedLink(part);
    shown.set(part.id, newer.innerHTML);
    part.replaceChildren(...newer.childNodes);
    if (href) [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === href)?.focus();
  }
}

function again() {
  look()
    .catch(() => {}) // the sandbox is being restarted: the page stays and looks again
    .finally(() => setTimeout(again, 2000));
}

setTimeout(again, 2000);
document.addEventListener("visibilitychange", () => look().catch(() => {}));
