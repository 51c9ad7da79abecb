// Does the form's proof of work in the background, from the first touch on; a form sent before it
// is done waits. Without this script, or where it fails, the form works within stricter limits.
const form = document.querySelector("form[data-challenge]");
const field = form.elements.proof;
const status = document.getElementById("proof-status");
const button = form.querySelector('button[type="submit"]');
const FRESH = 15 * 60 * 1000; // the server takes a proof for twenty minutes
const PATIENCE = 10 * 1000;

let work = null; // a promise of being done, one way or the other
let doneAt = 0;
let isWaiting = false;

function solve(challenge) {
  const worker = new Worker(form.dataset.worker);
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.addEventListener("error", reject);
    worker.postMessage(challenge);
  }).finally(() => worker.terminate());
}

async function prove() {
  const answer = await fetch(form.dataset.challenge, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) return;
  const { maxNumber, ...challenge } = await answer.json();
  const number = await solve({ maxNumber, ...challenge });
  if (number !== null) field.value = btoa(JSON.stringify({ ...challenge, number }));
}

function begin() {
  work ??= prove()
    .catch(() => {})
    .then(() => { doneAt = Date.now(); });
  return work;
}

function forget() {
  work = null;
  doneAt = 0;
  field.value = "";
  wait(false);
}

function wait(yes) {
  isWaiting = yes;
  status.textContent = yes ? form.dataset.wait : "";
  button.toggleAttribute("data-waits", yes);
  if (yes) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

form.addEventListener("submit", async (event) => {
  if (doneAt && Date.now() - doneAt < FRESH) return;
  event.preventDefault();
  if (isWaiting) return;
  if (doneAt) forget();
  wait(true);
  await begin();
  wait(false);
  form.requestSubmit();
});

for (const kind of ["focusin", "pointerdown", "input"]) {
  form.addEventListener(kind, begin, { once: true });
}

// Back from the payment page: what was computed has been used.
window.addEventListener("pageshow", (event) => { if (event.persisted) forget(); });
field.value = "";
// A form that came back was touched already.
if (document.querySelector(".error-summary")) begin();
