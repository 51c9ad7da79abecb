// The grid of a batch: moving with the keyboard, rows that appear by themselves, running sums,
// and supporters found while one types. Without this script the page works by its buttons.
const grid = document.querySelector("[data-grid]");
const table = grid.querySelector(".st-grid");
const live = grid.querySelector("[data-live]");
const words = JSON.parse(document.getElementById("words").textContent);
const template = document.getElementById("row").innerHTML;
const euros = new Intl.NumberFormat(words.language, { style: "currency", currency: "EUR", trailingZeroDisplay: "stripIfInteger" });
const PERSON = ["given_name", "family_name", "email", "postcode"];

const rows = () => [...table.querySelectorAll("[data-row]")];
const cell = (row, column) => row.querySelector(`[data-column="${column}"]`);
const supporter = (row) => row.querySelector('[name$="-supporter"]');
const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_match, name) => values[name]);

// As parse_amount reads it: cents, or null for what is no amount.
function cents(text) {
  const plain = text.replace(/[\s€]|EUR/g, "");
  const match = /^(\d{1,3}(?:[.,']\d{3})+|\d+)(?:[.,](\d{1,2}))?$/.exec(plain);
  if (!match) return null;
  return Number(match[1].replace(/\D/g, "")) * 100 + Number((match[2] ?? "").padEnd(2, "0"));
}

function isEmpty(row) {
  return [...row.querySelectorAll("[data-column]")].every((input) =>
    input.type === "checkbox" ? !input.checked : !input.value.trim());
}

function addRow() {
  const number = Math.max(0, ...rows().map((row) => Number(row.dataset.row))) + 1;
  const holder = document.createElement("table");
  holder.innerHTML = template.replaceAll("__n__", number);
  table.append(holder.querySelector("[data-row]"));
  dress(rows().at(-1));
}

// Sums: shown at once, said when somebody stops typing.
let saying;
function add() {
  const filled = rows().filter((row) => !isEmpty(row));
  const amounts = filled.map((row) => cell(row, "amount").value.trim());
  const total = amounts.reduce((sum, text) => sum + (cents(text) ?? 0), 0);
  for (const row of filled) {
    const input = cell(row, "amount");
    const isWrong = input.value.trim() !== "" && cents(input.value) === null;
    if (isWrong && document.activeElement !== input) input.setAttribute("aria-invalid", "true");
    if (!isWrong) input.removeAttribute("aria-invalid");
  }
  const gifts = Number(grid.dataset.count) - filled.length;
  const money = Number(grid.dataset.total) - total;
  const number = Math.abs(gifts);
  show("count", filled.length, gifts, fill(number === 1 ? words.one : words.many, { number }));
  show("total", euros.format(total / 100), money, euros.format(Math.abs(money) / 100));
  clearTimeout(saying);
  saying = setTimeout(() => {
    const said = [...grid.querySelectorAll("[data-says]")].map((each) => each.textContent).join(", ");
    if (live.textContent !== said) live.textContent = said;
  }, 2500);
}

function show(name, sum, difference, what) {
  grid.querySelector(`[data-sum="${name}"]`).textContent = sum;
  const tag = grid.querySelector(`[data-says="${name}"]`);
  tag.textContent = difference ? fill(difference > 0 ? words.missing : words.over, { what }) : words.equal;
  tag.classList.toggle("st-good", !difference);
  tag.classList.toggle("st-bad", Boolean(difference));
}

// Who is known needs no name: Tab goes on to the amount.
function dress(row) {
  const isKnown = Boolean(supporter(row).value);
  for (const name of PERSON) {
    const input = cell(row, name);
    if (isKnown) input.value = "";
    input.disabled = isKnown;
  }
}

// The list of supporters under the cell that is being filled.
const list = document.createElement("ul");
list.id = "people";
list.className = "st-people";
list.setAttribute("role", "listbox");
list.hidden = true;
let found = [], marked = -1, asked = 0, waiting;

function close(input) {
  asked += 1;
  clearTimeout(waiting);
  list.hidden = true;
  found = [];
  marked = -1;
  if (input) {
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}

function mark(input, index) {
  marked = (index + found.length) % found.length;
  [...list.children].forEach((option, place) => option.setAttribute("aria-selected", place === marked));
  list.children[marked].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", `person-${marked}`);
}

function choose(input, person) {
  const row = input.closest("[data-row]");
  input.value = person.name;
  supporter(row).value = person.id;
  row.querySelector('[name$="-pick"]')?.remove();
  input.removeAttribute("aria-invalid");
  close(input);
  dress(row);
  add();
  cell(row, "amount").focus();
}

async function search(input) {
  const turn = ++asked;
  const text = input.value.trim();
  if (text.length < 2) return close(input);
  const answer = await fetch(`${grid.dataset.people}?q=${encodeURIComponent(text)}`);
  if (!answer.ok || turn !== asked) return;
  found = (await answer.json()).people;
  if (turn !== asked || document.activeElement !== input) return;
  list.replaceChildren(...found.map((person, place) => {
    const option = document.createElement("li");
    option.id = `person-${place}`;
    option.setAttribute("role", "option");
    const name = document.createElement("b");
    name.textContent = person.name;
    option.append(name, ` ${person.where}`);
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(input, person);
    });
    return option;
  }));
  marked = -1;
  list.hidden = !found.length;
  input.after(list);
  input.setAttribute("aria-expanded", String(Boolean(found.length)));
  live.textContent = found.length ? fill(words.found, { number: found.length }) : words.nobody;
}

table.addEventListener("focusin", ({ target }) => {
  if (target.dataset.column !== "who") return;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", "people"]]) target.setAttribute(name, value);
  if (!target.hasAttribute("aria-expanded")) target.setAttribute("aria-expanded", "false");
});

table.addEventListener("focusout", ({ target }) => {
  if (target.dataset.column === "who") close(target);
  if (target.dataset.column === "amount") add();
});

table.addEventListener("input", ({ target }) => {
  const row = target.closest("[data-row]");
  if (target.dataset.column === "who") {
    supporter(row).value = "";
    dress(row);
    clearTimeout(waiting);
    waiting = setTimeout(() => search(target), 150);
  }
  if (row === rows().at(-1) && !isEmpty(row)) addRow();
  add();
});

function move(input, step, column) {
  const all = rows();
  const place = all.indexOf(input.closest("[data-row]")) + step;
  if (place === all.length && step > 0 && !isEmpty(all.at(-1))) addRow();
  const row = rows()[place];
  if (!row) return;
  const target = cell(row, column);
  (target.disabled ? cell(row, "amount") : target).focus();
}

table.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.dataset.column || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const isOpen = input.dataset.column === "who" && !list.hidden;
  if (isOpen && step) mark(input, marked < 0 && step < 0 ? -1 : marked + step);
  else if (isOpen && event.key === "Enter" && marked < 0 && found.length > 1) mark(input, 0); // look first
  else if (isOpen && event.key === "Enter") choose(input, found[Math.max(marked, 0)]);
  else if (isOpen && event.key === "Escape") close(input);
  else if (event.key === "Enter") move(input, 1, "who");
  else if (step && input.tagName === "INPUT") move(input, step, input.dataset.column);
  else return;
  event.preventDefault();
});

// What is left unsaved is not lost by a slip.
let isChanged = false;
grid.addEventListener("input", () => { isChanged = true; });
grid.addEventListener("submit", () => { isChanged = false; });
window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

grid.querySelector("[data-more]").hidden = true;
rows().forEach(dress);
add();
