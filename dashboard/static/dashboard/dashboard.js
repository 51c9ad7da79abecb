// The filters are a form. Their values stand in the address, and Dash draws what that says.
(function () {
  const form = document.getElementById("filters");
  const days = form.querySelector("fieldset");
  const notice = document.getElementById("notice");

  function address() {
    const values = new URLSearchParams(new FormData(form));
    if (!values.get("campaign")) values.delete("campaign");
    return values.toString();
  }

  // Links to the pages, and the way back after a change of language.
  function keepFilters(query) {
    document.querySelectorAll("[data-keeps-filters]").forEach(function (element) {
      const name = "value" in element ? "value" : "href";
      element[name] = element[name].split("?")[0] + "?" + query;
    });
  }

  function showDays() {
    days.hidden = days.disabled = form.elements.period.value !== "between";
  }

  function state() {
    return ["campaign", "period", "from", "to"].map((name) => form.elements[name].value);
  }

  function draw(query) {
    keepFilters(query);
    notice.textContent = "";
    window.dash_clientside.set_props(form.dataset.store, { data: query });
  }

  let waiting;
  function changed() {
    showDays();
    clearTimeout(waiting);
    // A date field tells of each part that is typed.
    waiting = setTimeout(function () {
      const query = address();
      if (!form.checkValidity() || query === location.search.slice(1)) return;
      history.pushState(state(), "", "?" + query);
      draw(query);
    }, 300);
  }

  form.addEventListener("change", changed);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    changed();
  });
  window.addEventListener("popstate", function (event) {
    if (!event.state) return;
    ["campaign", "period", "from", "to"].forEach(function (name, place) {
      form.elements[name].value = event.state[place];
    });
    showDays();
    draw(address());
  });
  // A reload keeps what the server wrote, not what the browser remembers of the form.
  form.reset();
  showDays();
  history.replaceState(state(), "");

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    dashboard: { address: address },
  });

  // Dash says nothing to the reader when it is refused.
  const fetch = window.fetch;
  window.fetch = function (resource) {
    return fetch.apply(this, arguments).then(function (answer) {
      if (String(resource.url || resource).includes("/_dash-") && !answer.ok) {
        const refused = answer.status === 401 || answer.status === 403;
        notice.textContent = refused ? notice.dataset.refused : notice.dataset.failed;
      }
      return answer;
    });
  };
})();
