// Stands in the page itself, before anything is drawn: that scripts run, and the ground that the reader chose, if any.
(() => {
  document.documentElement.dataset.scripted = "";
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is refused: the system decides */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  // The first of these takes a browser longer than all other scripts of a page: it is made while their files are awaited.
  new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
})();
