// Where this visit came from: fills in the host of another site that led here, and tells once that
// the page was seen. The page itself is the same for everybody. Without this script the UTM
// parameters still travel on; nothing is kept in the browser, and nothing tells visitors apart.
"use strict";

const NAMES = ["utm_source", "utm_medium", "utm_campaign", "ref", "r"];
const script = document.currentScript;

function otherHost() {
  try {
    const { hostname } = new URL(document.referrer);
    return hostname === location.hostname ? "" : hostname;
  } catch {
    return "";
  }
}

function trail() {
  const told = new URLSearchParams(location.search);
  const found = new URLSearchParams();
  for (const name of NAMES) found.set(name, told.get(name) ?? "");
  if (!found.get("ref")) found.set("ref", otherHost());
  return found;
}

// What follows from this page is counted to where the visit came from.
function carryOn(host) {
  for (const field of document.querySelectorAll('input[type="hidden"][name="ref"]')) {
    if (!field.value) field.value = host;
  }
  for (const link of document.querySelectorAll("a[href]")) {
    const address = new URL(link.href);
    if (link.getAttribute("href").startsWith("#") || address.origin !== location.origin) continue;
    if (address.searchParams.has("ref")) continue;
    address.searchParams.set("ref", host);
    link.href = address.href;
  }
}

function tell(address, found) {
  const isWatched = navigator.doNotTrack !== "1" && !navigator.globalPrivacyControl;
  if (isWatched) navigator.sendBeacon?.(address, found);
}

const found = trail();
if (found.get("ref")) carryOn(found.get("ref"));
const seen = script?.dataset.seen;
if (seen) {
  // A page that is loaded ahead, or in a tab behind, is seen when somebody looks at it.
  const look = () => {
    if (document.visibilityState !== "visible" || document.prerendering) return;
    document.removeEventListener("visibilitychange", look);
    document.removeEventListener("prerenderingchange", look);
    tell(seen, found);
  };
  document.addEventListener("visibilitychange", look);
  document.addEventListener("prerenderingchange", look);
  look();
}
