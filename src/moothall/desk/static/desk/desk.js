// What a browser can add to pages that work without it: copying a reply with one button, and a button that says beforehand
// when it asks a second officer.
"use strict";
document.querySelectorAll("[data-copies]").forEach((button) => {
  const source = document.getElementById(button.dataset.copies);
  if (!source || !navigator.clipboard) return;
  const says = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value);
    document.getElementById("announce").textContent = "Copied.";
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = says; }, 3000);
  });
});
document.querySelectorAll("form.panel__act").forEach((form) => {
  const buttons = form.querySelectorAll("[data-asks]");
  buttons.forEach((button) => { button.dataset.does = button.textContent; });
  const say = () => {
    const cited = form.querySelector("[name=citation]:checked");
    const asks = cited && [...form.querySelectorAll("[data-second]:checked")].some(
      (measure) => measure.dataset.second.split(" ").includes(cited.value));
    buttons.forEach((button) => { button.textContent = asks ? button.dataset.asks : button.dataset.does; });
  };
  form.addEventListener("change", say);
  say();
});
