// Whether a list is the one that was signed: its SHA-256 is made here, and the file stays here.
const box = document.querySelector("[data-check]");
const answer = box.querySelector("[data-answer]");
const signed = document.querySelector("[data-digest]").textContent.trim();

async function digestOf(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

box.querySelector("input").addEventListener("change", async ({ target }) => {
  const file = target.files[0];
  answer.textContent = "";
  if (!file) return;
  const isRight = (await digestOf(file)) === signed;
  answer.textContent = isRight ? answer.dataset.right : answer.dataset.wrong;
  answer.classList.toggle("wrong", !isRight);
});

// Browsers make hashes on secure pages only.
box.hidden = !(window.crypto && crypto.subtle);
