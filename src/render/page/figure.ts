import { type Html, html, NOTHING } from './html.ts';

/** How high a chart is drawn. */
export type FigureSize = 'low' | 'normal' | 'high';

/** Returns the place of a chart: its title with the unit, a summary in words, and a switch for its numbers as a table. */
export function figure(
  id: string,
  title: string,
  summary: string,
  { size = 'normal', note = '' }: { size?: FigureSize; note?: string } = {},
): Html {
  return html`<figure id="${id}" class="chart ${size}">
    <figcaption><h3>${title}</h3></figcaption>
    <div class="plot" tabindex="0" role="img" aria-label="${`${title}. ${summary}`}"></div>
    ${note === '' ? NOTHING : html`<p class="note">${note}</p>`}
    <details class="numbers">
      <summary>Numbers<span class="hidden"> of ${title}</span></summary>
    </details>
  </figure> `;
}

/** Returns a table; its first column names the rows. */
export function table(
  caption: string,
  head: readonly (string | Html)[],
  rows: readonly (readonly (string | Html)[])[],
  { isText = [] }: { isText?: readonly number[] } = {},
): Html {
  const align = (at: number): Html =>
    at === 0 ? NOTHING : isText.includes(at) ? html` class="t"` : html` class="n"`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${`${caption}, table`}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((cell, at) => html`<th scope="col" ${align(at)}>${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell, at) => (at === 0 ? html`<th scope="row">${cell}</th>` : html`<td${align(at)}>${cell}</td>`))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div> `;
}

/** Returns what a section says in place of a chart or table that the run has no data for. */
export const missing = (why: string): Html => html`<p class="missing">${why}</p>`;

/** A key figure: its key in the JSON document of the page, its name, value and unit. */
export type Tile = readonly [key: string, label: string, value: string | Html, unit?: string];

/** Returns the key figures of a page; `data-key` has the key of each. */
export const tileList = (tiles: readonly Tile[]): Html =>
  html`<dl class="tiles">
    ${tiles.map(
      ([key, label, value, unit = '']) =>
        html`<div class="tile">
          <dt>${label}</dt>
          <dd>
            <span data-key="${key}">${value}</span>${unit === '' ? NOTHING : html` <span class="unit">${unit}</span>`}
          </dd>
        </div>`,
    )}
  </dl>`;
