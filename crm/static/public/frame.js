// In the frame on another site: tells that page how high this one is, and lets links leave the
// frame. Without this script the frame scrolls, and all works.
"use strict";

const isFramed = window.parent !== window;

for (const link of document.querySelectorAll("a[href]:not([href^='#'], [target])")) {
  link.target = "_top";
}

function watch(origin, isNext) {
  let told = 0;
  let isNew = isNext;
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    window.parent.postMessage({ soutien: "page", height, title: document.title, isNew }, origin);
    isNew = false;
  };
  new ResizeObserver(tell).observe(document.body);
}

function greeted({ origin, source, data }) {
  if (source !== window.parent || data?.soutien !== "hello") return;
  window.removeEventListener("message", greeted);
  // A page that is a file, or in a sandbox, has no origin that could be named.
  watch(origin === "null" ? "*" : origin, data.isNext === true);
  // Browsers do not let a page in a frame take the focus by itself; going on within it may.
  if (data.isNext) document.querySelector(".error-summary, [data-news]")?.focus({ preventScroll: true });
}

if (isFramed) window.addEventListener("message", greeted);
