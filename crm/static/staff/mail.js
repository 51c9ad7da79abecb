// The preview follows what is written. Each one comes into a frame of its own, which then takes the
// place of the one before: so it does not flicker, and "back" does not go through all of them.

const PAUSE = 500;
const form = document.getElementById("words");
const [look, test] = ["[data-preview]", "[data-test]"].map((name) => form.querySelector(name));
const text = form.elements.text;
let timer = 0;
let number = 0;

function renew(button) {
  const [shown, ...waiting] = document.querySelectorAll(".st-preview");
  for (const frame of waiting) frame.remove();
  const next = shown.cloneNode();
  next.removeAttribute("src");
  next.name = `preview-${++number}`;
  next.hidden = true;
  shown.after(next);
  next.addEventListener("load", () => {
    if (!next.isConnected) return;
    next.hidden = false;
    shown.remove();
  });
  button.formTarget = next.name;
}

for (const button of [look, test]) button.addEventListener("click", () => renew(button));

function lookSoon(pause) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => look.click(), pause);
}

form.addEventListener("input", (event) => lookSoon(event.target.name === "shown" ? 0 : PAUSE));
for (const radio of form.elements.shown) radio.addEventListener("change", () => lookSoon(0));

// The names beside the form become buttons that write them where the cursor is.
for (const code of document.querySelectorAll("[data-insert]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "st-mark";
  button.append(code.cloneNode(true));
  button.addEventListener("click", () => {
    text.setRangeText(`{${code.dataset.insert}}`, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    lookSoon(0);
  });
  code.replaceWith(button);
}
