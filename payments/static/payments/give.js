// Keeps the offered amounts and the written one from contradicting each other.
// Without this script the page works too: what is written counts.
const other = document.getElementById("id_other_amount");
const offered = [...document.querySelectorAll('input[name="amount"]')];
const tile = offered.find((input) => input.value === "other");

other.addEventListener("input", () => {
  if (other.value) tile.checked = true;
});

for (const input of offered) {
  input.addEventListener("change", () => {
    if (input === tile) other.focus();
    else other.value = "";
  });
}
