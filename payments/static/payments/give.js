// Keeps the offered amounts and the written one from contradicting each other, and shows the
// amounts in the chosen currency. Without this script the page works too: what is written counts.
const other = document.getElementById("id_other_amount");
const currency = document.getElementById("id_currency");
const tiles = document.querySelector('input[name="amount"]').closest(".options");
const otherTile = tiles.querySelector('input[value="other"]');

other.addEventListener("input", () => {
  if (other.value) otherTile.checked = true;
});

tiles.addEventListener("change", (event) => {
  if (event.target === otherTile) other.focus();
  else other.value = "";
});

function tile(value, label, number) {
  const made = otherTile.closest("label").cloneNode(true);
  const input = made.querySelector("input");
  made.htmlFor = input.id = `id_amount_${number}`;
  input.value = value;
  input.checked = false;
  made.querySelector("span").textContent = label;
  return made;
}

function show(amounts) {
  const place = [...tiles.querySelectorAll("input")].findIndex((input) => input.checked);
  const last = otherTile.closest("label");
  const made = amounts.slice(0, -1).map(([value, label], number) => tile(value, label, number));
  last.htmlFor = otherTile.id = `id_amount_${made.length}`;
  tiles.replaceChildren(...made, last);
  const inputs = tiles.querySelectorAll("input");
  if (place >= 0 && !otherTile.checked) inputs[Math.min(place, made.length - 1)].checked = true;
}

if (currency) {
  const amounts = JSON.parse(document.getElementById("amounts").textContent);
  currency.addEventListener("change", () => {
    show(amounts[currency.value]);
    other.form.elements.shown.value = currency.value;
  });
}
