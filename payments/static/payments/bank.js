// Bank statements: one key decides about a line, and focus stays on it. All of it can be clicked, too.
const SAME = { ArrowRight: "j", ArrowLeft: "k" };
const STORED = "bank-keys";

function isTyping(target) {
  return target.closest("input, select, textarea, [contenteditable]") !== null;
}

function remembered() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

function press(key) {
  const known = CSS.escape(key);
  const target = document.querySelector(`[data-key="${known}"]`);
  if (target) {
    target.click();
    return true;
  }
  const field = document.querySelector(`[data-focus="${known}"]`);
  if (field) {
    field.focus();
    field.select();
    return true;
  }
  const part = document.querySelector(`[data-open="${known}"]`);
  if (!part) return false;
  part.open = true;
  (part.querySelector("form input:not([type=hidden]), form select") ?? part.querySelector("summary")).focus();
  part.scrollIntoView({ block: "nearest" });
  return true;
}

const keysOn = document.querySelector("#keys-on");
if (keysOn) {
  keysOn.checked = remembered();
  keysOn.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, keysOn.checked ? "on" : "off");
    } catch {
      // kept for this page only
    }
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target)) {
    event.target.blur();
    document.querySelector("#line")?.focus();
    return;
  }
  const isOn = keysOn ? keysOn.checked : remembered();
  if (!isOn || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target)) return;
  if (press(SAME[event.key] ?? event.key)) event.preventDefault();
});

// Unfold would write the name of a chosen file into a field that is not there.
for (const input of document.querySelectorAll(".st-file")) input.hasChangeListener = true;

// Some browsers take the focus from what is no field.
document.querySelector("#line, #reports")?.focus();

// Two presses on a button are one decision.
for (const form of document.querySelectorAll(".st-bank form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    if (form.dataset.busy) form.querySelector("[type=submit]").textContent = form.dataset.busy;
  });
}
