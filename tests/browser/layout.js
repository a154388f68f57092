// What is wrong with how the page looks, one line each. Evaluated in the page by `layout.py`.
() => {
  const SLACK = 2;
  const IGNORED = '.map-host, .visually-hidden, [aria-hidden=true], datalist, option, script, style, .hover-card';
  const CONTROLS = 'button, input:not([type=radio], [type=checkbox]), select, textarea, img, canvas';
  const NAMED = '[title], button[aria-label], input, [role=img], canvas';
  const width = document.documentElement.clientWidth;
  const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
  const faults = new Set();

  const say = (element) => {
    const text = (element.textContent || element.getAttribute('aria-label') || '').trim().replace(/\s+/g, ' ');
    return `${element.tagName.toLowerCase()}.${[...element.classList].join('.')} '${text.slice(0, 50)}'`;
  };
  const union = (rects) => rects.length > 0 && {
    left: Math.min(...rects.map((one) => one.left)), right: Math.max(...rects.map((one) => one.right)),
    top: Math.min(...rects.map((one) => one.top)), bottom: Math.max(...rects.map((one) => one.bottom)),
  };
  const inside = (rect, room) => ({
    left: Math.max(rect.left, room.left), right: Math.min(rect.right, room.right),
    top: Math.max(rect.top, room.top), bottom: Math.min(rect.bottom, room.bottom),
  });
  const isEmpty = (rect) => rect.right - rect.left < SLACK || rect.bottom - rect.top < SLACK;
  const meet = (a, b) => !isEmpty(inside(a, b));
  const textRect = (element) => {
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return union(texts.flatMap((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    }));
  };
  const isSeen = (element) => !element.closest(IGNORED)
    && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const scrolls = (overflow) => ['auto', 'scroll'].includes(overflow);
  const clips = (overflow) => ['hidden', 'clip'].includes(overflow);

  /** What is seen of an element inside all that clips or scrolls it, and whether text of it is cut off for good. */
  const look = (element, isControl, text) => {
    const whole = isControl ? element.getBoundingClientRect() : text;
    const seen = { rect: union([whole]), layer: null, isCut: false, canScroll: false };
    for (let at = isControl ? element.parentElement : element; at && at !== top.parentElement; at = at.parentElement) {
      const { position, display, overflowX, overflowY } = getComputedStyle(at);
      if (['absolute', 'fixed', 'sticky'].includes(position)) seen.layer ??= at;
      if (display === 'inline' || display === 'contents') continue;
      const room = at.getBoundingClientRect();
      if (text && clips(overflowX) && !seen.canScroll) {
        seen.isCut ||= text.right > room.right + SLACK || text.left < room.left - SLACK;
        seen.isCut ||= clips(overflowY) && text.bottom > room.bottom + 2 * SLACK;
      }
      if (overflowX !== 'visible') seen.rect = inside(seen.rect, room);
      seen.canScroll ||= scrolls(overflowX) || scrolls(overflowY);
    }
    return seen;
  };

  const scrollWidth = document.documentElement.scrollWidth;
  if (scrollWidth > width) faults.add(`the page scrolls sideways: ${scrollWidth} > ${width}`);

  const pieces = [];
  for (const element of top.querySelectorAll('*')) {
    const isControl = element.matches(CONTROLS);
    const text = textRect(element);
    if ((!text && !isControl) || !isSeen(element)) continue;
    const { rect, layer, isCut, canScroll } = look(element, isControl, text);
    if (isCut && !element.closest(NAMED)) faults.add(`cut without a title: ${say(element)}`);
    if (isEmpty(rect)) continue;
    if (rect.right > width + SLACK && !canScroll) faults.add(`sticks out: ${say(element)}`);
    pieces.push({ element, rect, layer, isPicture: element.matches('img, canvas') });
  }
  for (const [place, one] of pieces.entries()) {
    for (const other of pieces.slice(place + 1)) {
      if (one.layer !== other.layer || one.isPicture !== other.isPicture || !meet(one.rect, other.rect)) continue;
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      faults.add(`overlap: ${say(one.element)} and ${say(other.element)}`);
    }
  }

  // Shortened names that look alike where they stand together, but are not.
  const rooms = new Map();
  for (const element of top.querySelectorAll('[title]')) {
    const text = element.innerText?.trim() ?? '';
    if (!text.includes('…') || !isSeen(element)) continue;
    const room = element.closest('table, section, [role=listbox], [role=list], .cards') ?? document.body;
    const key = `${element.className} ${text}`;
    if (!rooms.has(room)) rooms.set(room, new Map());
    const known = rooms.get(room).get(key) ?? element.title;
    if (known !== element.title) faults.add(`'${text}' is '${known}' and '${element.title}'`);
    rooms.get(room).set(key, known);
  }
  return [...faults];
}
