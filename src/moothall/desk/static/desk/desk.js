// What a browser can add to pages that work without it: copying a reply with one button.
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
