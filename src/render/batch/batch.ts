import type { BatchSummary } from '../../batch/figures/batch-summary.ts';
import type { BatchCost, TallyFigures } from '../../batch/figures/tally.ts';
import { clean, sentence } from '../layout/clean.ts';
import { NONE, count, plural, share, significant, span, tokenRate } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import { simulatedWord } from '../layout/simulated.ts';

/** Batches that are listed one by one; the others are counted. */
const LISTED = 10;

/** Returns the text report of a batch run. */
export function renderBatch(summary: BatchSummary, style: Style): string {
  const page = openPage(style);
  const say = (label: string, texts: readonly string[]): string[] =>
    texts.flatMap((text, at) => entry(at === 0 ? label : '', sentence(text, page.unicode), page));
  const { endpoint } = summary;
  const model = endpoint.model === null ? '' : `, model ${clean(endpoint.model)}`;
  const lines = [
    ...entry('Batch', `${simulatedWord(endpoint, page)}${badge(summary, page)}`, page),
    ...say('Endpoint', [`${clean(endpoint.url)}, ${clean(endpoint.api)} API${model}`]),
    ...say('Requests', requestsText(summary)),
    ...say('Time', timeText(summary)),
    ...say('Throughput', throughputText(summary)),
    ...say('Cost', costText(summary)),
    ...say('Batches', batchesText(summary)),
    ...say('Notes', summary.notes),
  ];
  return `${lines.join('\n')}\n`;
}

function badge({ name, status, reason }: BatchSummary, { ink, unicode }: Page): string {
  const word = status === 'complete' ? ink.good('complete') : ink.bad(status);
  const why = reason === null || status === 'complete' ? '' : `: ${sentence(reason, unicode)}`;
  return `${clean(name)}, ${word}${why}`;
}

function requestsText(summary: BatchSummary): string[] {
  const { planned, requests, ok, duplicates, unknown, missing, uncounted } = summary;
  const results = requests === planned ? '' : `, results of ${count(requests)}`;
  return [
    `${count(planned)} sent as ${plural(summary.batches.length, 'batch').replace(/batchs$/, 'batches')}${results}: ${count(ok)} ok${failuresText(summary)}`,
    ...(missing > 0 ? [`${plural(missing, 'request')} without a result`] : []),
    ...(duplicates > 0
      ? [`${plural(duplicates, 'result')} with an id that another had: the first counts`]
      : []),
    ...(unknown > 0 ? [`${plural(unknown, 'result')} with an id that was not sent, ignored`] : []),
    ...(uncounted > 0
      ? [`${plural(uncounted, 'request')} without token counts: not in the figures of tokens`]
      : []),
  ];
}

/** Returns the failed requests by class: `, 2 http error, 1 timeout`. */
export const failuresText = ({ failed }: Pick<TallyFigures, 'failed'>): string =>
  Object.entries(failed)
    .map(([outcome, n]) => `, ${count(n)} ${outcome.replaceAll('_', ' ')}`)
    .join('');

function timeText({ makespan_s, upload_s, first_completion_s, status }: BatchSummary): string[] {
  if (makespan_s === null)
    return status === 'complete' ? [] : ['the batch has not ended: no rates, and no makespan'];
  return [
    `makespan ${span(makespan_s)}, from the first byte of the upload to the last byte of the results`,
    ...(upload_s === null ? [] : [`upload ${span(upload_s)}`]),
    first_completion_s === null
      ? 'the first completed request is not known'
      : `first completed request within ${span(first_completion_s)}`,
  ];
}

function throughputText({ rps, input_tps, output_tps }: BatchSummary): string[] {
  if (rps === null || input_tps === null || output_tps === null) return [];
  return [
    `${significant(rps)} requests/s, ${tokenRate(input_tps)} input tok/s, ${tokenRate(output_tps)} output tok/s, over the makespan`,
  ];
}

function costText({ cost, ok }: BatchSummary): string[] {
  if (cost === null || ok === 0) return [];
  const { factor } = cost;
  const prices =
    factor === 1
      ? 'at the stated prices (price.batch states a discount)'
      : `at ${share(factor)} of the stated prices`;
  return [
    `${money(cost.total, cost)} in total, ${money(cost.per_1m_output, cost)} per 1M output tokens, ${money(cost.per_request, cost)} per request`,
    prices,
  ];
}

/** Returns an amount with its currency; `–` for none. */
export const money = (value: number | null, { currency }: Pick<BatchCost, 'currency'>): string =>
  value === null ? NONE : `${currency} ${significant(value)}`;

function batchesText({ batches }: BatchSummary): string[] {
  const rows = batches.slice(0, LISTED).map(({ id, status, requests, took_s, refused }) => {
    const name = id === null ? 'not created' : clean(id);
    const took = took_s === null ? '' : ` after ${span(took_s)}`;
    const why = refused === null ? '' : `: ${clean(refused)}`;
    return `${name}: ${plural(requests, 'request')}${status === null ? '' : `, ${clean(status)}${took}`}${why}`;
  });
  return batches.length > LISTED ? [...rows, `and ${batches.length - LISTED} more`] : rows;
}
