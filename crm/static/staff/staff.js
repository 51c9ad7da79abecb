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

// What is chosen by typing is called by its label, as every other field is.
const nameByLabels = () => {
  for (const field of document.querySelectorAll("select.admin-autocomplete[id]")) {
    const label = document.querySelector(`label[for="${field.id}"]`);
    const box = field.nextElementSibling?.querySelector("[role=combobox]");
    const chosen = box?.querySelector("[role=textbox]");
    if (!label || !chosen) continue;
    label.id ||= `${field.id}_label`;
    box.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
    chosen.setAttribute("aria-labelledby", label.id);
  }
};
// jQuery keeps the order in which it was told, and was told of the fields themselves before.
window.addEventListener("load", () => window.django?.jQuery?.(nameByLabels));
