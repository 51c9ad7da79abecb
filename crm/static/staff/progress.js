// A part of a page that says how far a job is: fetched again until the job has ended. Without
// this script the page itself comes again every few seconds.
const PAUSE = 1000;

async function follow(part) {
  await new Promise((wake) => setTimeout(wake, PAUSE));
  try {
    const answer = await fetch(part.dataset.progress, { headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    if (answer.headers.get("X-Finished") === "yes") return window.location.reload();
    part.innerHTML = await answer.text();
  } catch {
    // The server may be away for a moment.
  }
  return follow(part);
}

document.querySelectorAll("[data-progress]").forEach(follow);
