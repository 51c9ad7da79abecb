// Puts a petition's form on a page of another site:
// <script src="https://SITE/embed.js" data-petition="ADDRESS" data-language="nl" async></script>
// data-target="#id" puts it into an element instead of behind the script; data-theme="light" or
// "dark" keeps it so. No cookie, nothing read from the page but its language and its host.
"use strict";

(() => {
  const script = document.currentScript;
  const site = new URL(script.src).origin;
  const { petition, language, target, theme } = script.dataset;
  const spoken = (language || document.documentElement.lang).slice(0, 2).toLowerCase();
  const known = ["fr", "nl", "en"].includes(spoken) ? spoken : "fr";
  const titles = { fr: "Signer la pétition", nl: "De petitie tekenen", en: "Sign the petition" };

  const address = new URL(`/${known}/embed/${encodeURIComponent(petition)}/`, site);
  address.searchParams.set("utm_source", "partner");
  address.searchParams.set("utm_medium", "embed");
  if (location.hostname) address.searchParams.set("ref", location.hostname);
  if (theme) address.searchParams.set("theme", theme);

  const frame = document.createElement("iframe");
  frame.src = address;
  frame.title = titles[known];
  frame.lang = known;
  frame.referrerPolicy = "strict-origin-when-cross-origin";
  Object.assign(frame.style, { display: "block", width: "100%", height: "40rem", border: "0" });

  // The frame answers whoever greets it first, and tells how high its page is.
  let pages = 0;
  frame.addEventListener("load", () => {
    pages += 1;
    frame.contentWindow.postMessage({ soutien: "hello", isNext: pages > 1 }, site);
  });
  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== site || source !== frame.contentWindow || data?.soutien !== "page") return;
    if (data.height > 0 && data.height < 20_000) frame.style.height = `${data.height}px`;
    if (typeof data.title === "string") frame.title = data.title;
    // Errors, or thanks, stand at the top of a page that takes the place of a longer one.
    if (data.isNew && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });

  const place = target ? document.querySelector(target) : null;
  if (place) place.append(frame);
  else script.after(frame);
})();
