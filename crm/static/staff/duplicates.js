// j and k go from pair to pair, as the page says; everything else is plain tabbing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const pairs = [...document.querySelectorAll(".st-double")];
  const here = pairs.findIndex((pair) => pair.contains(document.activeElement));
  const next = here < 0 && step < 0 ? pairs.length - 1 : here + step;
  if (!pairs[next]) return;
  event.preventDefault();
  pairs[next].focus({ preventScroll: true });
  pairs[next].scrollIntoView({ block: "center" });
});

// When the search that was watched has ended, the list below is a new one.
document.addEventListener("htmx:afterSwap", () => {
  const run = document.querySelector(".st-search-run");
  if (run && !run.hasAttribute("hx-get")) window.location.reload();
});
