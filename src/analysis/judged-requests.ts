import { RequestFigures } from '../metrics/request-figures.ts';
import type { RunHeader } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { isInCohort } from './cohort.ts';
import { deadlinesOf } from './deadlines.ts';
import { Judge, judgeContextOf, type Judgement } from './judging.ts';
import { plannedWindow } from './planned-window.ts';

/** A recorded request with its figures and its judgement, as the report of its run counts it. */
export interface JudgedRequest {
  sample: Sample;
  /** One object for all requests of a run: only valid until the next request is read. */
  figures: RequestFigures;
  judgement: Judgement;
  isInCohort: boolean;
}

/** Yields the requests of a run in the order of its samples, judged by the SLOs. */
export async function* judgedRequests(
  header: RunHeader,
  samples: AsyncIterable<Sample>,
  slos: readonly RequestSlo[],
): AsyncGenerator<JudgedRequest> {
  const { loop, clock } = header.load;
  const window = header.window ?? plannedWindow(header);
  const figures = new RequestFigures({
    loop,
    clock,
    deadlines: deadlinesOf(slos),
    lacks: header.imported?.lacks,
  });
  const judge = new Judge(slos, judgeContextOf(header.load));
  for await (const sample of samples) {
    figures.read(sample);
    yield {
      sample,
      figures,
      judgement: judge.judge(sample, figures),
      isInCohort: isInCohort(sample, figures.start_us, header.load, window),
    };
  }
}
