/*
 * What is wrong with the layout of the page, or a part of it, as it stands: a function for the page, which gives one line
 * per fault.
 *
 * "scroll"   the page itself scrolls sideways, or a part of it that is no table
 * "outside"  something is beyond the window or the page's edge, where no scrolling leads
 * "covered"  something else lies over a control, or over words
 * "overlap"  two texts lie over each other
 * "cut"      a text or control is not shown in full: never for names that are compared (`compared`), and elsewhere only
 *            with an ellipsis and the whole text in a title or accessible name
 * "squeezed" a text breaks into many short lines, a name that is compared into more than three, or the word of a button
 * "empty"    a part of the page has a frame and nothing in it
 * "ragged"   a grid of crops leaves an empty band beside its last column
 */
({ compared, part }) => {
  /** Floats over the page on purpose, and goes by itself or by Escape. */
  const FLOATING = 'dialog[open], .jobs, .menu-body, .search-results, .hover-card, '
    + '.mantine-Popover-dropdown, .foot-tabs, .verdict-keys, thead, .table-head, .job-form footer';
  /** Wider than a narrow window on purpose, and told by a shade at the edge or a bar. */
  const SIDEWAYS = 'input, textarea, select, .dock-tabs, .table-scroller';
  const CONTROLS = 'button, a[href], input, select, textarea, summary, [role=slider], [role=option], [role=tab], [tabindex="0"]';
  /** Letters of a button that stay on one line, and what a grid may leave beside its last column. */
  const [SHORT_WORDS, MOST_BAND_PX] = [16, 30];
  const faults = new Set();
  const modal = document.querySelector('dialog[open]');
  const roots = modal ? [modal] : [...document.querySelectorAll(part)];
  const every = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const words = (one) => (one.getAttribute('aria-label') || one.textContent || one.value || one.placeholder || '').trim().replace(/\s+/g, ' ').slice(0, 60);
  const describe = (one) => `${one.tagName.toLowerCase()}${one.id ? `#${one.id}` : ''}${[...one.classList].slice(0, 2).map((name) => `.${name}`).join('')} '${words(one)}'`;
  const report = (kind, text) => { if (faults.size < 60) faults.add(`${kind}: ${text}`); };
  const isSeen = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })
    && !one.closest('.visually-hidden, [inert], canvas, svg') && getComputedStyle(one).clipPath === 'none';
  /** What an element lets through, and where it is; asked often, and nothing moves meanwhile. */
  const frames = new Map();
  const frameOf = (one) => {
    if (!frames.has(one)) {
      const { overflowX: x, overflowY: y, position } = getComputedStyle(one);
      frames.set(one, { x, y, isFixed: position === 'fixed', room: x !== 'visible' || y !== 'visible' ? one.getBoundingClientRect() : null });
    }
    return frames.get(one);
  };
  const isHidden = (value) => value === 'hidden' || value === 'clip';

  const intersect = (a, b) => ({ left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom) });
  const hasRoom = ({ left, top, right, bottom }, least = 3) => right - left >= least && bottom - top >= least;
  const WINDOW = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };

  /** The part of a box that its ancestors let through, and by which of them it is cut so that no scrolling shows the rest. */
  const letThrough = (one, box) => {
    let seen = { left: box.left, top: box.top, right: box.right, bottom: box.bottom };
    let cutBy = null;
    let isScrolled = false;
    for (let around = one; around && around !== document.documentElement; around = around.parentElement) {
      const { x, y, isFixed, room } = frameOf(around);
      if (room !== null) {
        const isLost = !isScrolled && ((isHidden(x) && (box.right > room.right + 1.5 || box.left < room.left - 1.5))
          || (isHidden(y) && (box.bottom > room.bottom + 2.5 || box.top < room.top - 2.5)));
        if (isLost && !cutBy) cutBy = around;
        if (!isHidden(x) || !isHidden(y)) isScrolled = true;
        seen = intersect(seen, room);
      }
      if (isFixed) break;
    }
    return { seen, cutBy, isScrolled };
  };

  const textBoxes = (one) => [...one.childNodes].filter((node) => node.nodeType === 3 && node.nodeValue.trim()).flatMap((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()];
  });

  /** @returns whether the whole of a cut text can be read elsewhere */
  const isToldInFull = (one, cutBy) => {
    const style = getComputedStyle(cutBy);
    const hasMark = style.textOverflow === 'ellipsis' || (style.webkitLineClamp && style.webkitLineClamp !== 'none');
    const plain = (text) => (text ?? '').replace(/[\u200b\s]+/g, '').toLowerCase();
    const whole = one.closest('[title], [aria-label]');
    const said = plain(whole?.getAttribute('title')) + plain(whole?.getAttribute('aria-label')) + plain(cutBy.getAttribute('title'));
    const pieces = plain(one.textContent.replace(/^#?[\d,]+ /, '')).slice(0, 80).split('…');
    return (hasMark || cutBy.title !== '') && pieces.every((piece) => said.includes(piece));
  };

  const isRelated = (one, other) => one === other || one.contains(other) || other.contains(one)
    || (other.closest('label') && other.closest('label').contains(one)) || (one.labels && [...one.labels].some((label) => label.contains(other)));
  const isOver = (one, hit) => { const floating = hit.closest(FLOATING); return floating !== null && !floating.contains(one); };

  for (const one of roots.flatMap((root) => [root, ...root.querySelectorAll('*')])) {
    const isWide = one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && !isHidden(frameOf(one).x) && frameOf(one).room !== null;
    if (isWide && isSeen(one) && !one.matches(SIDEWAYS)) report('scroll', `${describe(one)} is ${one.scrollWidth} px wide in ${one.clientWidth}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) report('scroll', `the page is ${document.documentElement.scrollWidth} px wide in a window of ${innerWidth}`);

  const checkPlace = (one, box, what) => {
    const { isScrolled } = letThrough(one, box);
    if (isScrolled) return;
    const page = document.documentElement;
    let isFixed = modal !== null;
    for (let up = one; up && !isFixed; up = up.parentElement) isFixed = frameOf(up).isFixed;
    const bottom = isFixed ? innerHeight : Math.max(page.scrollHeight, innerHeight) - scrollY;
    if (box.left < -1 || box.right > innerWidth + 1 || box.top < (isFixed ? -1 : -1 - scrollY) || box.bottom > bottom + 1) {
      report('outside', `${what} ${describe(one)} at ${[box.left, box.top, box.right, box.bottom].map(Math.round)}`);
    }
  };

  // ---- controls: reachable by the pointer, inside the window, not cut
  const controls = every(CONTROLS).filter((one) => isSeen(one) && !one.disabled && !one.closest('.gallery-sheet, .point-map-overlay'));
  for (const one of controls) {
    const box = one.getBoundingClientRect();
    if (box.width < 4 || box.height < 4) continue;
    checkPlace(one, box, 'control');
    const { seen, cutBy } = letThrough(one.parentElement, box);
    if (cutBy) report('cut', `control ${describe(one)} by ${describe(cutBy).slice(0, 60)}`);
    const shown = intersect(seen, WINDOW);
    if (!hasRoom(shown, 6) || one.matches('canvas, [role=application]')) continue;
    for (const [x, y] of [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5]]) {
      const hit = document.elementFromPoint(shown.left + (shown.right - shown.left) * x, shown.top + (shown.bottom - shown.top) * y);
      if (hit === null || isRelated(one, hit) || isOver(one, hit)) continue;
      if (one.contains(hit.closest(CONTROLS)) || hit.closest('.card-mark, .verdict-keys')) continue;
      report('covered', `${describe(one)} by ${describe(hit)}`);
      break;
    }
    if (one.matches('select, input:not([type=checkbox], [type=radio], [type=range], [type=file], [type=color])')) checkField(one);
  }

  function checkField(one) {
    const style = getComputedStyle(one);
    const pen = (checkField.pen ??= document.createElement('canvas').getContext('2d'));
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const text = one.matches('select') ? one.selectedOptions[0]?.textContent ?? '' : one.value || one.placeholder;
    const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - (one.matches('select') ? 18 : 0);
    one.dispatchEvent(new PointerEvent('pointerenter')); // some say what they hold in full once one points at them
    const isTold = (one.title || one.closest('[title]')?.title || '').includes(text.trim()) && text.trim() !== '';
    if (pen.measureText(text).width > room + 2 && !isTold && document.activeElement !== one) report('cut', `field ${describe(one)}: '${text.slice(0, 50)}' needs ${Math.round(pen.measureText(text).width)} of ${Math.round(room)} px`);
  }

  // ---- texts: not cut, not squeezed, not under each other
  const texts = every('*').filter((one) => !one.matches('option, script, style, textarea') && [...one.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim()) && isSeen(one));
  const lines = [];
  for (const one of texts) {
    const boxes = textBoxes(one).filter((box) => box.width > 1 && box.height > 1);
    if (boxes.length === 0) continue;
    const isCompared = one.closest(compared) !== null;
    for (const box of boxes) {
      const { seen, cutBy } = letThrough(one, box);
      if (cutBy && (isCompared || !isToldInFull(one, cutBy))) { report('cut', `text ${describe(one)} by ${describe(cutBy).slice(0, 70)}`); break; }
      const shown = intersect(seen, WINDOW);
      if (!cutBy && hasRoom(shown, 4)) lines.push({ one, shown });
    }
    if (!boxes.some((box) => letThrough(one, box).cutBy)) checkPlace(one, one.getBoundingClientRect(), 'text');
    const rows = new Set(boxes.map((box) => Math.round(box.top / 4))).size;
    const width = Math.max(...boxes.map((box) => box.width));
    const isWord = one.closest('button, .act') !== null && one.textContent.trim().length <= SHORT_WORDS;
    if ((rows > 4 && width < 80) || (rows > 3 && isCompared) || (rows > 1 && isWord)) report('squeezed', `${describe(one)}: ${rows} lines of ${Math.round(width)} px`);
  }
  for (const one of every('section, aside, fieldset, .panel')) {
    const { width, height } = one.getBoundingClientRect();
    if (isSeen(one) && width > 100 && height > 60 && one.textContent.trim() === '' && one.querySelector('img, canvas, svg, input, progress') === null) report('empty', describe(one));
  }
  for (const sheet of every('.gallery-sheet').filter(isSeen)) {
    const cells = [...sheet.children].map((cell) => cell.getBoundingClientRect());
    const band = sheet.getBoundingClientRect().right - Math.max(...cells.map(({ right }) => right));
    if (new Set(cells.map(({ top }) => top)).size > 1 && band > MOST_BAND_PX) report('ragged', `${Math.round(band)} px beside ${cells.length} crops`);
  }
  for (const one of every('.crop-name')) {
    if (isSeen(one) && one.scrollWidth > one.clientWidth + 1) report('cut', `caption ${describe(one)} ${getComputedStyle(one, '::after').content}`);
  }

  const isOpaque = (one) => {
    const style = getComputedStyle(one);
    return one.matches('img, video') || style.backgroundImage !== 'none' || !/, 0\)|transparent/.test(style.backgroundColor.replace('rgba(0, 0, 0, 0)', 'transparent'));
  };
  const reach = document.head.appendChild(document.createElement('style'));
  reach.textContent = '* { pointer-events: auto !important; }';
  for (const { one, shown } of lines) {
    const stack = document.elementsFromPoint((shown.left + shown.right) / 2, (shown.top + shown.bottom) / 2);
    for (const hit of stack) {
      if (hit === one || one.contains(hit) || hit.contains(one)) break;
      if (isOver(one, hit)) break;
      if (hit.matches('canvas') || !isSeen(hit) || !isOpaque(hit)) continue;
      report('covered', `text ${describe(one)} by ${describe(hit)}`);
      break;
    }
  }
  reach.remove();

  lines.sort((a, b) => a.shown.top - b.shown.top);
  lines.forEach((line, place) => {
    for (let other = place + 1; other < lines.length && lines[other].shown.top < line.shown.bottom - 3; other++) {
      const { one, shown } = lines[other];
      const both = intersect(line.shown, shown);
      if (one === line.one || !hasRoom(both, 3) || one.contains(line.one) || line.one.contains(one)) continue;
      const [a, b] = [line.one, one].map((each) => each.closest(FLOATING));
      if (a === b) report('overlap', `${describe(line.one)} and ${describe(one)}`);
    }
  });
  return [...faults];
}
