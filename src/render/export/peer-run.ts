import { FACT_TEXT } from '../../analysis/imported-note.ts';
import { judgedRequests } from '../../analysis/judged-requests.ts';
import { isCut, isFailure } from '../../analysis/judging.ts';
import { GoodputError } from '../../errors.ts';
import { eventInstants, type Fact, type Sample } from '../../sample.ts';
import type { Microseconds } from '../../units.ts';
import type { ScoredRun } from '../run/scored-run.ts';

/** A success of the cohort as other tools see it: they measure from the send. */
export interface PeerRequest {
  sample: Sample;
  sent_us: Microseconds;
  /** The absolute instants of the output events; at least one. */
  instants_us: Float64Array;
  ttft_us: Microseconds;
  /** From the send to the last event. */
  latency_us: Microseconds;
  /** By the best source; `null` if events were counted and have several tokens each. */
  output_tokens: number | null;
  /** Tokens as the server counted them, or as planned; `null` if neither is known. */
  input_tokens: number | null;
}

/** The figures that other tools report about all requests of a run. */
export interface PeerTotals {
  /** Requests of the cohort that goodput did not cut off. */
  requests: number;
  successes: number;
  failures: number;
  /** The first send of a success; Infinity without one. */
  first_sent_us: Microseconds;
  /** The start of W, or the first send if that is earlier. */
  start_us: Microseconds;
  /** The last end of a request. */
  end_us: Microseconds;
}

/** Facts without which the result of another tool would have to be made up. */
const NEEDED: readonly Fact[] = ['starts', 'gaps', 'tokens', 'failures'];

/** @throws {GoodputError} of kind `usage` if an imported run lacks a fact that the results of other tools need */
function assertWhole({ dir, header: { imported } }: ScoredRun): void {
  const lacking = NEEDED.filter((fact) => imported?.lacks.includes(fact));
  if (imported === undefined || lacking.length === 0) return;
  throw new GoodputError(
    'usage',
    `${dir} was imported from ${imported.tool} without ${lacking.map((fact) => FACT_TEXT[fact]).join(' and ')}: it cannot be written as the result of another tool`,
    { hint: 'Use another format, such as json or csv.' },
  );
}

/**
 * Reads the cohort of a run as other tools count it. A success without an output event counts as a failure, as in these tools; a
 * request that goodput cut off is left out, because these tools wait for every request.
 * @param onSuccess receives every success, in the order of the samples
 * @throws {GoodputError} of kind `usage` if an imported run lacks a fact that the results of other tools need
 */
export async function readPeerRun(
  run: ScoredRun,
  onSuccess: (request: PeerRequest) => void = () => {},
): Promise<PeerTotals> {
  assertWhole(run);
  const totals = {
    requests: 0,
    successes: 0,
    failures: 0,
    first_sent_us: Infinity,
    start_us: run.header.window?.start_us ?? Infinity,
    end_us: -Infinity,
  };
  for await (const { sample, figures, isInCohort } of judgedRequests(run.header, run.samples(), run.slos)) {
    if (!isInCohort || isCut(sample.outcome)) continue;
    totals.requests++;
    totals.start_us = Math.min(totals.start_us, sample.sent_us ?? sample.planned_us);
    totals.end_us = Math.max(totals.end_us, sample.ended_us);
    const { sent_us } = sample;
    if (isFailure(sample.outcome) || sent_us === null || sample.events_us.length === 0) {
      totals.failures++;
      continue;
    }
    totals.successes++;
    totals.first_sent_us = Math.min(totals.first_sent_us, sent_us);
    const instants_us = eventInstants(sample);
    onSuccess({
      sample,
      sent_us,
      instants_us,
      ttft_us: instants_us[0]! - sent_us,
      latency_us: instants_us.at(-1)! - sent_us,
      output_tokens: figures.tokens.isBundled ? null : figures.tokens.total,
      input_tokens: sample.input_tokens ?? sample.planned_input,
    });
  }
  return totals;
}
