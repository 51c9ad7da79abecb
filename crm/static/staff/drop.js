// A file may be dropped anywhere on a form with data-drop; its field takes it.
for (const form of document.querySelectorAll("[data-drop]")) {
  const field = form.querySelector('input[type="file"]');
  const mark = (event, on) => {
    event.preventDefault();
    form.classList.toggle("st-dropping", on);
  };
  form.addEventListener("dragover", (event) => mark(event, true));
  form.addEventListener("dragleave", (event) => mark(event, false));
  form.addEventListener("drop", (event) => {
    mark(event, false);
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}
