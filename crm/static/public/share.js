// Tells that a signer used a way to share. Without this script the links share all the same.
"use strict";

for (const box of document.querySelectorAll("[data-shared]")) {
  const tell = (medium) => {
    const told = new URLSearchParams({ s: box.dataset.token, medium });
    navigator.sendBeacon?.(box.dataset.shared, told);
  };
  for (const way of box.querySelectorAll("[data-medium]")) {
    // Who selects the link by hand copies it, too.
    way.addEventListener(way.matches("input") ? "copy" : "click", () => tell(way.dataset.medium));
  }
}
