// The builder of segments: its buttons without loading the page anew, and a number that follows.
// Every button is a submit of the form; here the answer's form takes the place of the one shown.

const WAIT = 500;
let timer = 0;
let asked = 0;
let isChanged = false;

const builder = () => document.getElementById("builder");

async function count() {
  const form = builder();
  const told = document.getElementById("count");
  const mine = ++asked;
  let html = "";
  try {
    const answer = await fetch(form.dataset.count, { method: "POST", body: new FormData(form) });
    if (answer.ok) html = await answer.text();
  } catch {
    // Said below, as for an answer that is none.
  }
  if (mine !== asked) return; // a newer question is under way
  const live = document.getElementById("count");
  if (html) live.innerHTML = html;
  else live.textContent = told.dataset.lost;
  live.removeAttribute("aria-busy");
}

function countSoon() {
  window.clearTimeout(timer);
  document.getElementById("count").setAttribute("aria-busy", "true");
  timer = window.setTimeout(count, WAIT);
}

// Where the keyboard goes on: to what was added, else to where something was taken away.
function goOn(order, before) {
  const [verb, name] = order.split(" ");
  const parent = verb === "remove" ? name.replace(/-\d+$/, "") : name;
  const group = document.getElementById(parent);
  const parts = group ? group.querySelectorAll(":scope > ol > li > fieldset") : [];
  const added = verb !== "remove" && parts.length > before ? parts[parts.length - 1] : null;
  const target = added?.querySelector("input:not([type=hidden]), select") ?? added ?? group?.querySelector("[data-new]");
  target?.focus();
}

async function rearrange(order) {
  const form = builder();
  const data = new FormData(form);
  data.set("do", order);
  const name = order.split(" ")[1];
  const before = document.querySelectorAll(`#${CSS.escape(name)} > ol > li`).length;
  const told = document.getElementById("count").innerHTML;
  const answer = await fetch(window.location.href, { method: "POST", body: data });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("builder");
  if (!answer.ok || !fresh) throw new Error("no builder in the answer");
  form.replaceWith(document.adoptNode(fresh));
  document.getElementById("count").innerHTML = told;
  goOn(order, before);
  countSoon();
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "builder") return;
  const order = event.submitter?.name === "do" ? event.submitter.value : "";
  isChanged = Boolean(order);
  if (!order) return;
  event.preventDefault();
  rearrange(order).catch(() => {
    // Then as a page: the browser sends the button along.
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: order });
    builder().append(field);
    isChanged = false;
    builder().submit();
  });
});

// Choosing a condition adds it; with the keyboard, only Enter or the button does.
let byKey = false;
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.("[data-new]")) return;
  byKey = true;
  if (event.key !== "Enter" || !event.target.value) return;
  event.preventDefault();
  event.target.parentElement.querySelector("button").click();
});
document.addEventListener("pointerdown", () => { byKey = false; });

document.addEventListener("change", (event) => {
  if (!event.target.closest?.("#builder")) return;
  if (event.target.matches("[data-new]")) {
    if (!byKey && event.target.value) event.target.parentElement.querySelector("button").click();
    return;
  }
  isChanged = true;
  countSoon();
});
document.addEventListener("input", (event) => {
  if (event.target.closest?.("#builder") && !event.target.matches("[data-new]")) countSoon();
});

// What is left unsaved is not lost by a slip.
window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

countSoon();
