import type uPlotType from 'uplot';
import type { Chart } from './chart.ts';
import { type Drawn, isZoomed, joinGroup, plotOf, sizeIn, zoomTo } from './plot.ts';
import { onTheme, styleColour } from './theme.ts';
import { valueText } from './value-text.ts';

/** A row of a table of numbers: texts of its cells. */
export type TableRows = () => { head: readonly string[]; rows: readonly (readonly string[])[]; note: string };

const element = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(name);
  made.className = className;
  if (text !== '') made.textContent = text;
  return made;
};

/** Draws a chart into its figure, with a legend of switches, values under the cursor, keys, and a table of its numbers. */
export function drawFigure(
  figure: HTMLElement,
  chart: Chart,
  xs: readonly number[],
  lines: readonly Drawn[],
  texts: { x: (at: number) => string; table: TableRows },
): uPlotType {
  const target = figure.querySelector<HTMLElement>('.plot')!;
  const legend = element('div', 'legend');
  const readout = element('span', 'at');
  const values: HTMLElement[] = [];
  const plot = plotOf(chart, xs, lines, target, (at) => {
    readout.textContent = at === null ? '' : texts.x(at);
    values.forEach((value, k) => {
      value.textContent = at === null ? '' : valueText(lines[k]!, at, chart.y.unit);
    });
  });
  for (const [k, line] of lines.entries()) {
    const button = element('button', 'series');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'true');
    const value = element('span', 'value');
    button.append(swatch(line), element('span', 'name', line.label), value);
    button.addEventListener('click', () => {
      const isShown = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(isShown));
      plot.setSeries(k + 1, { show: isShown });
    });
    values.push(value);
    legend.append(button);
  }
  const reset = element('button', 'reset', 'Reset zoom');
  reset.type = 'button';
  reset.addEventListener('click', () => zoomTo(plot, null));
  reset.hidden = true;
  target.addEventListener('zoom', () => {
    reset.hidden = !isZoomed(plot);
  });
  legend.append(readout, reset);
  target.after(legend);
  if (chart.kind === 'lines' && chart.sync !== undefined) joinGroup(chart.sync, plot);
  listenToKeys(target, plot, xs);
  fillTable(figure, texts.table);
  onTheme(() => {
    plot.redraw(true, true);
    legend.querySelectorAll('svg').forEach((svg, k) => paint(svg, lines[k]!.style));
  });
  new ResizeObserver(() => {
    const size = sizeIn(target);
    if (size.width !== plot.width || size.height !== plot.height) plot.setSize(size);
  }).observe(target);
  return plot;
}

const SVG = 'http://www.w3.org/2000/svg';

function swatch({ shape, style, isBound }: Drawn): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 22 10');
  const isPoint = shape === 'points' || shape === 'trace';
  svg.setAttribute(
    'class',
    `swatch ${isPoint ? 'points' : shape} ${isBound === true ? 'bound' : `style-${style % 8}`}`,
  );
  svg.setAttribute('aria-hidden', 'true');
  const mark = document.createElementNS(SVG, 'path');
  mark.setAttribute(
    'd',
    shape === 'bar' ? 'M3 9V2h6v7zM12 9V5h6v4z' : isPoint ? POINT_MARKS[style % 5]! : 'M1 5H21',
  );
  svg.append(mark);
  paint(svg, style);
  return svg;
}

const POINT_MARKS = [
  'M14 5A3 3 0 1 1 8 5A3 3 0 1 1 14 5',
  'M11 1L15 8H7z',
  'M8 2L14 8M14 2L8 8',
  'M8 2H14V8H8z',
  'M11 1L15 5L11 9L7 5z',
];

function paint(svg: SVGSVGElement, style: number): void {
  svg.style.color = styleColour(style);
}

/** Arrow keys move the cursor, + and − zoom around it, Escape resets. */
function listenToKeys(target: HTMLElement, plot: uPlotType, xs: readonly number[]): void {
  let at = -1;
  target.addEventListener('keydown', (event) => {
    const last = xs.length - 1;
    const act = new Map([
      ['ArrowRight', () => moveTo(Math.min(last, at + 1))],
      ['ArrowLeft', () => moveTo(Math.max(0, at - 1))],
      ['Home', () => moveTo(0)],
      ['End', () => moveTo(last)],
      ['+', () => zoom(0.5)],
      ['=', () => zoom(0.5)],
      ['-', () => zoom(2)],
      ['Escape', () => zoomTo(plot, null)],
    ]).get(event.key);
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  const moveTo = (index: number): void => {
    at = index;
    plot.setCursor({ left: plot.valToPos(xs[at]!, 'x'), top: 0 });
  };
  const zoom = (factor: number): void => {
    const { min, max } = plot.scales['x']!;
    if (min == null || max == null) return;
    const centre = at < 0 ? (min + max) / 2 : xs[at]!;
    zoomTo(plot, {
      min: Math.max(xs[0]!, centre - (centre - min) * factor),
      max: Math.min(xs[xs.length - 1]!, centre + (max - centre) * factor),
    });
  };
}

/** Makes the table of a chart's numbers when it is opened for the first time. */
function fillTable(figure: HTMLElement, table: TableRows): void {
  const details = figure.querySelector<HTMLDetailsElement>('details.numbers');
  details?.addEventListener('toggle', () => {
    if (!details.open || details.querySelector('table') !== null) return;
    const { head, rows, note } = table();
    const made = element('table', '');
    made.createTHead().append(rowOf('th', head));
    made.createTBody().append(...rows.map((cells) => rowOf('td', cells)));
    const box = element('div', 'scroll');
    box.tabIndex = 0;
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', details.querySelector('summary')?.textContent ?? '');
    box.append(made);
    details.append(box);
    if (note !== '') details.append(element('p', 'note', note));
  });
}

function rowOf(name: 'th' | 'td', cells: readonly string[]): HTMLTableRowElement {
  const row = element('tr', '');
  row.append(
    ...cells.map((text, at) => {
      const cell = element(at === 0 ? 'th' : name, '', text);
      cell.setAttribute('scope', name === 'th' ? 'col' : 'row');
      if (name === 'td' && at > 0) cell.removeAttribute('scope');
      return cell;
    }),
  );
  return row;
}
