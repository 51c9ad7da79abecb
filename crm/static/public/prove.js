// Searches the number whose hash, with the salt before it, is the challenge. Runs in a worker.
"use strict";

const BATCH = 500;
const encoder = new TextEncoder();

function hex(digest) {
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function search({ algorithm, challenge, salt, maxNumber }) {
  const beginning = parseInt(challenge.slice(0, 8), 16);
  const digest = (number) => crypto.subtle.digest(algorithm, encoder.encode(salt + number));
  for (let first = 0; first <= maxNumber; first += BATCH) {
    const digests = await Promise.all(Array.from({ length: BATCH }, (_, index) => digest(first + index)));
    const found = digests.findIndex(
      (each) => new DataView(each).getUint32(0) === beginning && hex(each) === challenge,
    );
    if (found >= 0) return first + found;
  }
  throw new Error("no number fits");
}

self.addEventListener("message", async ({ data }) => {
  try {
    self.postMessage(await search(data));
  } catch {
    self.postMessage(null); // no crypto here: the form is sent without a proof
  }
});
