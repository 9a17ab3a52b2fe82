import { extname } from 'node:path';
import { duration, count, share } from '../numbers.ts';
import { clean } from '../render/layout/clean.ts';
import { html } from '../render/page/html.ts';
import { SIMULATED_BANNER } from '../render/page/page.ts';
import { pageScript } from '../render/page/script.ts';
import { STYLE } from '../render/page/style.ts';
import type { Entry } from './entry.ts';
import type { SoFar } from './recorded-so-far.ts';
import { htmlPage, type Response } from './response.ts';

const SCRIPT = new URL(`browser/live${extname(import.meta.url)}`, import.meta.url);

/** The figures of a run that is being recorded: key, and name on the page. */
const ROWS = [
  ['ended', 'Requests ended'],
  ['ok', 'Successful'],
  ['failed', 'Failed'],
  ['failure', 'Most frequent failure'],
  ['ttft', 'TTFT p50, p95'],
  ['attainment', 'Attainment so far'],
  ['gate', 'Gate so far'],
  ['audit', 'Audit so far'],
] as const;

export type SoFarTexts = Record<(typeof ROWS)[number][0], string> & { note: string };

/** Returns the page of a run that is being recorded. It updates every second, and becomes the page of the run when that ends. */
export function livePage({ id, name, endpoint, simulated }: Entry): Response {
  const body = html`${simulated ? SIMULATED_BANNER : ''}
    <header class="top">
      <h1>${name}</h1>
      <button id="theme" type="button" hidden></button>
    </header>
    <main id="live" data-id="${id}">
      <p><a href="/">All runs</a></p>
      <p class="facts">${endpoint ?? ''}</p>
      <p id="note" class="note" role="status">This run is being recorded.</p>
      <table>
        <caption>
          The run so far
        </caption>
        <tbody>
          ${ROWS.map(
            ([key, label]) =>
              html`<tr>
                <th scope="row">${label}</th>
                <td id="${key}">–</td>
              </tr> `,
          )}
        </tbody>
      </table>
      <noscript><p class="missing">Without JavaScript, reload this page to see new figures.</p></noscript>
    </main>`;
  return htmlPage({
    title: `${name}, being recorded`,
    body: body.markup,
    style: STYLE,
    script: pageScript(SCRIPT),
  });
}

const milliseconds = (value: number | null): string => (value === null ? '–' : duration(value));

/** Returns the figures as texts. */
export function soFarTexts({ ended, ok, failed, ttft_p50_ms, ttft_p95_ms, judged, read }: SoFar): SoFarTexts {
  const { attainment, good, gate, failure, audit } = judged;
  const status = failure?.status == null ? '' : ` HTTP ${failure.status}`;
  return {
    ended: count(ended),
    ok: count(ok),
    failed: count(failed),
    failure:
      failure === null
        ? '–'
        : clean(`${count(failure.count)} × ${failure.outcome}:${status} ${failure.example}`),
    ttft: `${milliseconds(ttft_p50_ms)}, ${milliseconds(ttft_p95_ms)}`,
    attainment:
      attainment === null ? '–' : `${share(attainment)}, ${count(good)} of ${count(judged.judged)} good`,
    gate: gate === null ? '–' : `${gate.met ? 'meets' : 'misses'} ${clean(gate.text)}`,
    audit: clean(audit.reason === null ? audit.status : `${audit.status}: ${audit.reason}`),
    note:
      read < 1
        ? `This run is being recorded. ${share(Math.floor(read * 100) / 100)} of its samples were read.`
        : 'This run is being recorded.',
  };
}
