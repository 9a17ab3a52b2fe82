/** Light and dark: the setting of the system, until the reader switches. */

const COLOURS = 8;
/** Dashes in CSS pixels; lines differ without colour too. */
const DASHES: readonly (readonly number[])[] = [
  [],
  [6, 3],
  [2, 3],
  [9, 3, 2, 3],
  [1, 2],
  [12, 4],
  [4, 4],
  [],
];

const redraws: (() => void)[] = [];

/** Calls a function whenever the colours change. */
export function onTheme(redraw: () => void): void {
  redraws.push(redraw);
}

export const redrawAll = (): void => redraws.forEach((redraw) => redraw());

/** Returns a colour of the style sheet. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const styleColour = (style: number): string => colour(`line-${style % COLOURS}`);

export const dashOf = (style: number): number[] => [...DASHES[style % DASHES.length]!];

const isDark = (): boolean => {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark';
};

export function setUpTheme(): void {
  const button = document.querySelector<HTMLButtonElement>('#theme');
  if (button === null) return;
  const label = (): void => {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', isDark() ? 'Switch to light colours' : 'Switch to dark colours');
  };
  button.hidden = false;
  label();
  button.addEventListener('click', () => {
    document.documentElement.dataset['theme'] = isDark() ? 'light' : 'dark';
    label();
    redrawAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    label();
    redrawAll();
  });
}
