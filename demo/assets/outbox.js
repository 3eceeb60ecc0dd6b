// Follows the outbox: the server says that something came, and the list is fetched anew.
"use strict";
const events = new EventSource("/dev/outbox.events");
events.addEventListener("message", async () => {
  const answer = await fetch("/dev/outbox");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // Whoever is choosing is not interrupted.
  if (!document.activeElement?.closest?.("form")) document.querySelector("main").replaceWith(page.querySelector("main"));
});
document.addEventListener("click", (click) => {
  const code = click.target.dataset?.copy;
  if (code) navigator.clipboard?.writeText(code);
});
