// Dash and plotly.js make <style> elements, which a strict CSP blocks. This gives them the page's
// nonce. It must run before them.
(function (nonce) {
  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (name) {
    const element = create.apply(this, arguments);
    if (String(name).toLowerCase() === "style") element.setAttribute("nonce", nonce);
    return element;
  };
})(document.currentScript.nonce);
