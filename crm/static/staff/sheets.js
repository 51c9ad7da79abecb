// The grid of sheets: rows that appear by themselves, running sums, and whether each row adds up.
// Without this script the page works all the same: the server adds up.
const form = document.querySelector("[data-sheets]");
const table = form.querySelector(".st-grid");
const live = form.querySelector("[data-live]");
const words = JSON.parse(document.getElementById("words").textContent);
const template = document.getElementById("row").innerHTML;
const plain = new Intl.NumberFormat(words.language);
const COUNTS = ["lines", "valid", "struck"];
const REPEATED = ["place", "begins_on", "ends_on", "region"]; // a pile mostly has the same

const rows = () => [...table.querySelectorAll("[data-row]")];
const cell = (row, column) => row.querySelector(`[data-column="${column}"]`);
const whole = (text) => (/^\s*\d[\d.\s]*$/.test(text) ? Number(text.replace(/\D/g, "")) : 0);
const fill = (text, number) => text.replace("%(number)s", plain.format(number));

function isEmpty(row) {
  return ["number", ...COUNTS].every((column) => !cell(row, column).value.trim());
}

function addRow() {
  const number = Math.max(0, ...rows().map((row) => Number(row.dataset.row))) + 1;
  const holder = document.createElement("table");
  holder.innerHTML = template.replaceAll("__n__", number);
  table.append(holder.querySelector("[data-row]"));
}

// What a sheet is likely to share with the one before it stands there once its number is typed.
function repeat(row) {
  const before = rows()[rows().indexOf(row) - 1];
  if (!before) return;
  for (const column of REPEATED) {
    if (!cell(row, column).value) cell(row, column).value = cell(before, column).value;
  }
}

function judge(row) {
  const [lines, valid, struck] = COUNTS.map((column) => cell(row, column).value.trim());
  const isTyped = lines && valid;
  const difference = whole(lines) - whole(valid) - whole(struck);
  const nth = row.querySelector(".st-nth");
  nth.classList.toggle("st-ok", Boolean(isTyped) && !difference);
  if (isTyped && difference) cell(row, "lines").setAttribute("aria-invalid", "true");
  else cell(row, "lines").removeAttribute("aria-invalid");
  return isTyped ? difference : 0;
}

let saying;
function add() {
  const filled = rows().filter((row) => !isEmpty(row));
  const sums = { sheets: filled.length };
  for (const column of COUNTS) {
    sums[column] = filled.reduce((sum, row) => sum + whole(cell(row, column).value), 0);
  }
  for (const [name, sum] of Object.entries(sums)) {
    form.querySelector(`[data-sum="${name}"]`).textContent = plain.format(sum);
  }
  const expected = form.elements.expected.value.trim();
  const tag = form.querySelector('[data-says="valid"]');
  const difference = sums.valid - whole(expected);
  tag.hidden = !expected;
  tag.textContent = !difference ? words.right : fill(difference > 0 ? words.over : words.under, Math.abs(difference));
  tag.classList.toggle("st-good", !difference);
  tag.classList.toggle("st-bad", Boolean(difference));
  clearTimeout(saying);
  saying = setTimeout(() => {
    const text = `${plain.format(sums.valid)} ${tag.hidden ? "" : tag.textContent}`;
    if (live.textContent !== text) live.textContent = text;
  }, 2500);
}

table.addEventListener("input", ({ target }) => {
  const row = target.closest("[data-row]");
  if (target.dataset.column === "number") repeat(row);
  if (row === rows().at(-1) && !isEmpty(row)) addRow();
  add();
});

table.addEventListener("focusout", ({ target }) => {
  if (COUNTS.includes(target.dataset.column)) judge(target.closest("[data-row]"));
});

table.addEventListener("keydown", (event) => {
  const input = event.target;
  if (event.key !== "Enter" || !input.dataset.column || event.isComposing) return;
  event.preventDefault();
  const next = rows()[rows().indexOf(input.closest("[data-row]")) + 1];
  if (next) cell(next, "number").focus();
});

let isChanged = false;
form.addEventListener("input", () => { isChanged = true; });
form.addEventListener("input", ({ target }) => { if (target.name === "expected") add(); });
form.addEventListener("submit", () => { isChanged = false; });
window.addEventListener("beforeunload", (event) => { if (isChanged) event.preventDefault(); });

rows().filter((row) => !isEmpty(row)).forEach(judge);
add();
