/** Colours of the page as its style sheet has them. */

/** @param {string} name of a custom property */
export function cssColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @returns {{ink: string, paper: string, accent: string}} what maps draw with */
export function readTheme() {
  return { ink: cssColor('--map-ink'), paper: cssColor('--map-paper'), accent: cssColor('--map-accent') };
}
