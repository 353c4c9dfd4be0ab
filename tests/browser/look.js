// What a careful eye would find fault with in the page as it is drawn now: text that is cut off, lies over other text,
// sticks out of its box or of the page. Gives sentences; none is good. `paper`: what scrolls cannot be scrolled there.
({ paper }) => {
  const faults = [];
  const told = (element) => {
    const text = (element.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, 60);
    const kind = element.className?.baseVal ?? element.className ?? "";
    return `<${element.localName}${kind ? `.${String(kind).trim().replace(/\s+/g, ".")}` : ""}> “${text}”`;
  };
  const parents = (element) => {
    const found = [];
    for (let each = element; each && each !== document.documentElement; each = each.parentElement) found.push(each);
    return found;
  };
  const styles = new Map();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const isHiddenForEyes = (element) => element.closest(".unseen, .skip, dialog, script, style, option, title, desc, defs") !== null;
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })
    && !isHiddenForEyes(element);
  const scrolls = (element) => ["auto", "scroll"].includes(style(element).overflowX) && element.scrollWidth > element.clientWidth + 1;
  const cuts = (element) => ["hidden", "clip"].includes(style(element).overflowX) || ["hidden", "clip"].includes(style(element).overflowY);
  const isTurned = (element) => /rotate\((?!0[,)])/.test(element.getAttribute?.("transform") ?? "");
  const isStuck = (element) => parents(element).some((each) => ["sticky", "fixed"].includes(style(each).position) && !each.closest("table"));

  // --- the page and its boxes

  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) faults.push(`the page is ${document.documentElement.scrollWidth} wide on ${width}`);
  for (const element of document.body.querySelectorAll("*")) {
    if (!isSeen(element) || !scrolls(element)) continue;
    if (paper) faults.push(`cut off on paper: ${told(element)} is ${element.scrollWidth} wide in ${element.clientWidth}`);
    else if (element.localName !== "pre" && element.tabIndex < 0 && !element.querySelector("a, button, input")) {
      faults.push(`scrolls, but not by keys: ${told(element)}`);
    }
  }

  // --- each line of text

  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, owner = node.parentElement;
    if (!node.data.trim() || !owner || !isSeen(owner)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((rect) => rect.width > 1 && rect.height > 1);
    if (!rects.length) continue;
    const above = parents(owner);
    const scroller = above.find(scrolls);
    const cutter = above.find(cuts);
    const isDrawn = owner.closest("svg") !== null;
    const box = isDrawn ? null : above.find((each) => !["inline", "contents"].includes(style(each).display));
    for (const rect of rects) {
      if (!scroller && (rect.right > width + 1 || rect.left < -1)) faults.push(`outside the page: ${told(owner)}`);
      if (cutter && !scroller) {
        const frame = cutter.getBoundingClientRect();
        if (rect.left < frame.left - 2 || rect.right > frame.right + 2 || rect.top < frame.top - 4 || rect.bottom > frame.bottom + 4) {
          faults.push(`cut off: ${told(owner)} in ${told(cutter).split(" ")[0]}`);
        }
      }
      if (box) {
        const frame = box.getBoundingClientRect();
        if (rect.left < frame.left - 2 || rect.right > frame.right + 2) faults.push(`sticks out of its box: ${told(owner)}`);
      }
      if (!above.some(isTurned)) lines.push({ owner, node, rect, top: rect.top, isStuck: isStuck(owner) });
    }
  }

  // --- text over text: a third of the height of a line, and more than two points wide

  lines.sort((one, other) => one.top - other.top);
  for (let at = 0; at < lines.length; at += 1) {
    const one = lines[at];
    for (let next = at + 1; next < lines.length && lines[next].top < one.rect.bottom; next += 1) {
      const other = lines[next];
      if (one.node === other.node || one.isStuck !== other.isStuck) continue;
      if (one.node.data === other.node.data && Math.abs(one.rect.left - other.rect.left) < 1) continue; // a letter's own halo
      const high = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
      const wide = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      if (wide > 2 && high > 0.35 * Math.min(one.rect.height, other.rect.height)) {
        faults.push(`text over text: ${told(one.owner)} and ${told(other.owner)}`);
      }
    }
  }

  // --- what is pressed

  for (const element of document.querySelectorAll("button, .button, select, summary")) {
    if (isSeen(element) && element.scrollWidth > element.clientWidth + 2 && element.clientWidth) faults.push(`its words do not fit: ${told(element)}`);
  }
  for (const image of document.querySelectorAll("img")) {
    if (isSeen(image) && image.complete && !image.naturalWidth) faults.push(`a picture that is not there: ${image.src}`);
  }

  // --- a dark patch on paper

  if (paper) {
    for (const element of document.querySelectorAll("body, body *")) {
      if (!isSeen(element) || element.closest("svg") || element.clientHeight < 12) continue;
      const [, red, green, blue, alpha] = /rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)/.exec(style(element).backgroundColor) ?? [];
      if (red !== undefined && alpha !== "0" && 0.3 * red + 0.59 * green + 0.11 * blue < 150) faults.push(`dark on paper: ${told(element)}`);
    }
  }
  return [...new Set(faults)].slice(0, 12);
}
