// What is pleasant to have: every page works without it.
(() => {
  "use strict";
  const own = document.currentScript;
  const $ = (selector, within = document) => within.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

  // --- light and dark

  const theme = $("#theme");
  const isDark = () => {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  theme.addEventListener("click", () => {
    const wanted = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = wanted;
    try { localStorage.setItem("theme", wanted); } catch { /* it holds for this page only */ }
  });

  // --- times in the reader's zone, the exact one on hover

  const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
  // A whole day is the same day everywhere.
  const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
  const localise = (within) => {
    for (const time of $$("time[datetime]", within)) {
      const told = new Date(time.dateTime);
      if (Number.isNaN(told.getTime())) continue;
      const words = ("date" in time.dataset ? date : "day" in time.dataset ? day : moment).format(told);
      if (time.textContent !== words) { time.title = time.dateTime; time.textContent = words; }
    }
  };

  // --- tables: sort by a head, filter by a word

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const told = cell?.dataset.value ?? cell?.textContent.trim() ?? "";
    return told !== "" && !Number.isNaN(Number(told)) ? Number(told) : told;
  };
  const compare = (one, other) => (typeof one === "number" && typeof other === "number"
    ? one - other : String(one).localeCompare(String(other), undefined, { numeric: true }));
  const sortBy = (table, column, isDown) => {
    const rows = [...table.tBodies[0].rows];
    rows.sort((one, other) => compare(valueOf(one, column), valueOf(other, column)) * (isDown ? -1 : 1));
    table.tBodies[0].append(...rows);
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      if (at === column) head.ariaSort = isDown ? "descending" : "ascending"; else head.removeAttribute("aria-sort");
    });
    table.dataset.sorted = `${column} ${isDown ? "down" : "up"}`;
  };
  const filterBy = (table, word) => {
    const wanted = word.trim().toLocaleLowerCase();
    for (const row of table.tBodies[0].rows) row.hidden = wanted !== "" && !row.textContent.toLocaleLowerCase().includes(wanted);
    const left = [...table.tBodies[0].rows].filter((row) => !row.hidden).length;
    table.dataset.filter = word;
    say(wanted === "" ? "" : `${left} rows`);
  };
  // The word stands in the address, so that what is seen can be sent on; a receipt beside the bar has its own.
  const filterName = (table) => `filter${$$("#main table.filtered").indexOf(table) + 1}`;
  const keepFilter = (table, word) => {
    if (!table.closest("#main") || history.state?.receipt) return;
    const address = new URL(location.href);
    if (word) address.searchParams.set(filterName(table), word); else address.searchParams.delete(filterName(table));
    history.replaceState(history.state, "", address);
  };
  const keptFilter = (table) => (table.closest("#main") ? new URL(location.href).searchParams.get(filterName(table)) ?? "" : "");
  const filters = new WeakSet();
  const filterOf = (table) => {
    const line = table.parentElement.previousElementSibling;
    return line?.classList.contains("filter-line") ? $(".filter", line) : null;
  };
  const prepareTables = (within) => {
    for (const table of $$("table.sortable", within)) {
      if (!table.tHead) continue;
      [...table.tHead.rows[0].cells].forEach((head, column) => {
        if ($("button", head)) return;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "sort";
        button.append(...head.childNodes);
        button.addEventListener("click", () => {
          const starts = head.classList.contains("n") ? "ascending" : "descending";
          sortBy(table, column, head.ariaSort ? head.ariaSort === "ascending" : starts === "ascending");
        });
        head.append(button);
      });
      const input = filterOf(table);
      if (input && !filters.has(input)) {
        filters.add(input);
        input.value = keptFilter(table);
        input.addEventListener("input", () => { filterBy(table, input.value); keepFilter(table, input.value); });
      }
    }
  };

  // --- news: what changed is marked for a moment, and said

  const said = $("#said");
  const say = (words) => { if (said.textContent !== words) said.textContent = words; };
  let before = new Map();
  const figures = () => new Map($$("#live [data-figure]").map((each) => [each.dataset.figure, each.textContent]));
  const markNews = () => {
    const changed = $$("#live [data-figure]").filter((each) => before.has(each.dataset.figure) && before.get(each.dataset.figure) !== each.textContent);
    for (const each of changed) {
      each.classList.remove("changed");
      void each.getBoundingClientRect();
      each.classList.add("changed");
      setTimeout(() => each.classList.remove("changed"), 2500);
    }
    if (changed.length) say(changed.length === 1 ? "A figure changed." : `${changed.length} figures changed.`);
    before = figures();
  };
  let last = null;
  let unfolded = new Map(); // by id: whether the reader has it open
  // A poll that brought the same is dropped: nothing is touched, nothing moves.
  document.addEventListener("htmx:before:swap", (event) => {
    const ctx = event.detail?.ctx;
    if (!ctx || ctx.sourceElement?.id !== "live") return;
    if (ctx.text !== undefined && ctx.text === last) { event.preventDefault(); return; }
    last = ctx.text;
    before = figures();
    unfolded = new Map($$("#live details[id]").map((each) => [each.id, each.open]));
    for (const time of $$("#live time[title]")) time.removeAttribute("title");
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const live = $("#live");
    if (!live) return;
    for (const each of $$("details[id]", live)) if (unfolded.has(each.id)) each.open = unfolded.get(each.id);
    prepare(live);
    layOutAll();
    markNews();
    void event;
  });

  // --- the receipt beside the bar: the address changes, Back closes it

  const panel = $("#receipt");
  let opener = null;
  const show = async (href) => {
    const address = new URL(href, location.href);
    address.searchParams.set("live", "1");
    let answer;
    try { answer = await fetch(address, { headers: { "HX-Request": "true" } }); } catch { answer = null; }
    if (!answer?.ok || answer.redirected) { location.assign(href); return; }
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "quiet close";
    close.textContent = "Close";
    close.addEventListener("click", () => history.back());
    panel.replaceChildren(close, ...told.body.childNodes);
    panel.hidden = false;
    document.body.classList.add("with-receipt");
    prepare(panel);
    close.focus({ preventScroll: true });
  };
  const hide = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    panel.replaceChildren();
    document.body.classList.remove("with-receipt");
    if (opener?.isConnected) opener.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a[data-receipt]");
    if (link) {
      const href = link.getAttribute("href");
      event.preventDefault();
      opener = link;
      if (history.state?.receipt) history.replaceState({ receipt: href }, "", href);
      else history.pushState({ receipt: href }, "", href);
      show(href);
    } else if (!panel.hidden && event.target.closest?.("#receipt a[data-close]")) {
      event.preventDefault();
      history.back();
    }
  });
  addEventListener("popstate", (event) => { if (event.state?.receipt) show(event.state.receipt); else hide(); });

  // --- charts: what is pointed at, focused or stepped to with the arrows says its figure in the line below

  const marksOf = (chart) => $$("path[aria-label]:has(> title)", chart);
  const tellMark = (mark) => {
    const chart = mark.closest(".chart");
    chart.dataset.said = mark.getAttribute("aria-label");
    for (const each of $$(".told", chart)) each.classList.remove("told");
  };
  const markAt = (target) => target.closest?.(".chart path[aria-label]") ?? (target.closest?.(".chart a") && $("path[aria-label]", target.closest("a")));
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => { const mark = markAt(event.target); if (mark) tellMark(mark); });
  }
  const stepThrough = (chart, step) => {
    const marks = marksOf(chart);
    const here = document.activeElement.closest("a");
    const at = here ? marks.findIndex((mark) => here.contains(mark)) : marks.findIndex((mark) => mark.classList.contains("told"));
    const next = marks[Math.min(Math.max(at + step, 0), marks.length - 1)];
    tellMark(next);
    const link = next.closest("a");
    if (link) { link.focus({ preventScroll: true }); return; }
    next.classList.add("told");
    say(next.getAttribute("aria-label"));
  };

  // --- keys

  const rows = () => $$("#main [data-row]").filter((row) => !row.hidden && row.offsetParent !== null);
  const goTo = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf($("#main [data-row].here"));
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)] ?? all[0];
    for (const row of all) row.classList.toggle("here", row === next);
    const link = $("a[data-open], th a, h3 a, a[href]", next);
    next.scrollIntoView({ block: "nearest" });
    link?.focus({ preventScroll: true });
  };
  const keys = {
    j: () => goTo(1),
    k: () => goTo(-1),
    "/": () => $("#receipt:not([hidden]) .filter, #main .filter")?.focus(),
    "?": () => $("#keys").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "Escape" && !panel.hidden && !$("dialog[open]")) { history.back(); return; }
    if (event.target.closest?.("input, textarea, select, dialog")) return;
    const chart = event.target.closest?.(".chart");
    if (chart && (event.key === "ArrowRight" || event.key === "ArrowLeft") && marksOf(chart).length) {
      event.preventDefault();
      stepThrough(chart, event.key === "ArrowRight" ? 1 : -1);
      return;
    }
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  const prepare = (within) => {
    localise(within);
    prepareTables(within);
    for (const table of $$("table.sortable", within)) {
      if (table.dataset.sorted) {
        const [column, way] = table.dataset.sorted.split(" ");
        sortBy(table, Number(column), way === "down");
      }
      const word = filterOf(table)?.value;
      if (word) filterBy(table, word);
    }
  };
  const layOutAll = () => { for (const each of $$(".long")) each.classList.remove("long"); };
  prepare(document);
  before = figures();

  // --- what the first picture does not wait for: rows far below, and what polls

  new PerformanceObserver((_drawn, watch) => {
    watch.disconnect();
    layOutAll();
    const poller = document.createElement("script");
    poller.src = own.dataset.then;
    poller.nonce = own.nonce;
    document.head.append(poller);
  }).observe({ type: "paint", buffered: true });
})();
