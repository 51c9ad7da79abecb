// Loaded after htmx and before Alpine: what the pages' content policy and the keyboard need.
htmx.config.includeIndicatorStyles = false; // would be a style in the page
htmx.config.allowEval = false;

// Alpine would write this as a style attribute; staff.css does it instead.
document.addEventListener("alpine:init", () => {
  for (const element of document.querySelectorAll("[x-bind\\:style]")) element.removeAttribute("x-bind:style");
});

// Unfold's menu buttons are spans; here they become what they look like.
document.addEventListener("DOMContentLoaded", () => {
  for (const span of document.querySelectorAll("span[x-on\\:click], a[x-on\\:click]:not([href]), div.cursor-pointer[x-on\\:click]")) {
    span.setAttribute("role", "button");
    span.setAttribute("tabindex", "0");
    if (span.textContent.trim() === "dock_to_right") span.setAttribute("aria-label", "Menu");
    if (span.textContent.trim() === "close") span.setAttribute("aria-label", "×");
    span.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        span.click();
      }
    });
  }
});
