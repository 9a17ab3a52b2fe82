import { createHash } from 'node:crypto';
import { GoodputError } from '../../errors.ts';
import { inOrder } from '../../ask/in-order.ts';
import type { Session } from '../../dataset/model/session.ts';
import type { DataSet } from '../../dataset/read.ts';
import { Journal } from '../../synth/journal.ts';
import { parentId } from '../../synth/made-session.ts';
import { type AskedCost, AskingAbout, NO_COST, sumOf } from '../../synth/asking.ts';
import type { SynthDocument, SynthOptions } from '../../synth/synth-document.ts';
import type { Rewriting } from '../../synth/rewrite.ts';
import type { SessionWriter } from '../../dataset/write/session-writer.ts';
import { withQuestionClient } from '../../library/ask.ts';
import { count as counted, plural } from '../../numbers.ts';
import { renderJson } from '../../render/writers/json.ts';
import { askedEndpoint, PARALLEL } from './data-endpoint.ts';
import type { DataRun } from './data-run.ts';
import type { SynthJob } from './synth-generated.ts';

/** A record to ask about. */
interface Parent {
  record: number;
  session: Session;
  digest: string;
}

/** The outcome of the questions about a data set. */
interface Found {
  cost: AskedCost;
  /** The records without a new session, by the reason. */
  problems: Map<string, number>;
  /** Answers that repeat the text, or another answer about it. */
  repeated: number;
}

const digestOf = (session: Session): string =>
  createHash('sha256').update(JSON.stringify(session)).digest('hex').slice(0, 16);

/**
 * Makes sessions by asking an endpoint about those of files. What was answered is kept in `OUT.partial` until the output is complete: after
 * an interruption or a failure the same command continues.
 * @param work what distinguishes this command from others with the same output
 */
export async function synthAsked(job: SynthJob, work: SynthOptions, rewriting: Rewriting): Promise<number> {
  const { run, given, io, output } = job;
  const parallel = run.options.whole('parallel', 1) ?? PARALLEL;
  const readOptions = run.options.readOptions();
  run.options.check();
  const endpoint = await askedEndpoint(run.options, given.flags, io);
  const data = await run.open(readOptions);
  const most = job.count === null ? Infinity : Math.ceil(job.count / rewriting.perParent);
  const asked = endpoint.resolved.scenario.endpoint;
  return run.until(async () => {
    const journal = await Journal.open(`${output.path}.partial`, { ...work, model: asked.model });
    const done = journal.size;
    if (done > 0) run.say(`${plural(done, 'record')} of ${journal.path} are done already`);
    try {
      const model = await withQuestionClient(endpoint, async (client) => {
        run.stopped.addEventListener('abort', () => void client.close());
        const asking = new AskingAbout(client, { acceptsCut: asked.simulated });
        const progress = (): string =>
          `${plural(journal.size, 'record')}, ${costText(asking.cost)}${Number.isFinite(most) ? ` (at most ${counted(most)} records)` : ''}`;
        const make = async ({ record, session, digest }: Parent): Promise<void> => {
          const made = await asking.about(session, parentId(session, record), rewriting);
          await journal.add({ record, digest, ...made });
        };
        for await (const _ of inOrder(parentsOf(data, journal, most), parallel, make))
          run.live.show(progress);
        run.live.end();
        return client.model;
      });
      const found: Found = { cost: NO_COST, problems: new Map(), repeated: 0 };
      const sessions = await run.write(
        output,
        data,
        () => ({
          verb: 'synth',
          options: {
            ...work,
            model,
            asked: journal.size,
            ...found.cost,
            problems: Object.fromEntries(found.problems),
          },
          seed: null,
        }),
        (writer) => collect(journal, writer, job.count ?? Infinity, rewriting, found),
      );
      await journal.remove();
      report(job, { ...work, model }, sessions, found);
    } catch (error) {
      await journal.close();
      throw withRest(error, journal, run);
    } finally {
      run.live.end();
    }
  });
}

/** Yields the records that are not done. Reads the data set to its end, because the digests of the sources need it. */
async function* parentsOf(data: DataSet, journal: Journal, most: number): AsyncGenerator<Parent> {
  let record = 0;
  for await (const session of data.sessions()) {
    const parent = { record: record++, session, digest: digestOf(session) };
    if (parent.record >= most) continue;
    const known = journal.digestOf(parent.record);
    if (known === null) yield parent;
    else if (known !== parent.digest)
      throw new GoodputError(
        'usage',
        `${journal.path} was made from other records: record ${parent.record} is different now`,
        { hint: 'Delete it to begin again.' },
      );
  }
}

/** Writes what is in the journal, and adds up what it cost. */
async function collect(
  journal: Journal,
  writer: SessionWriter,
  most: number,
  { perParent }: Rewriting,
  found: Found,
): Promise<void> {
  for await (const { sessions, problem, ...cost } of journal.entries()) {
    found.cost = sumOf(found.cost, cost);
    if (problem === null) found.repeated += perParent - sessions.length;
    else found.problems.set(problem, (found.problems.get(problem) ?? 0) + 1);
    for (const session of sessions) if (writer.sessions < most) await writer.write(session);
  }
  if (writer.sessions > 0) return;
  const [problem = 'there is no record'] = found.problems.keys();
  await journal.remove();
  throw new GoodputError('endpoint', `no session was made: ${problem}`);
}

const costText = ({ questions, input_tokens, output_tokens }: AskedCost): string =>
  input_tokens === null || output_tokens === null
    ? `${plural(questions, 'question')}, tokens unknown: the server does not count all`
    : `${plural(questions, 'question')}, ${counted(input_tokens)} input and ${counted(output_tokens)} output tokens`;

function report(
  { run, given, io }: SynthJob,
  options: SynthOptions,
  sessions: number,
  { cost, problems, repeated }: Found,
): void {
  run.say(`asked ${costText(cost)}`);
  if (repeated > 0) run.say(`dropped ${plural(repeated, 'answer')} that repeat the text or another answer`);
  for (const [problem, records] of problems)
    io.stderr.write(`warning: nothing was made of ${plural(records, 'record')}: ${problem}\n`);
  const document: SynthDocument = {
    sessions,
    ...options,
    ...cost,
    repeated,
    problems: Object.fromEntries(problems),
  };
  if (given.flags.json === true) io.stdout.write(renderJson(document));
}

/** Adds to the failure of an endpoint how to continue; says it if the command was interrupted. */
function withRest(error: unknown, { path, size }: Journal, run: DataRun): unknown {
  if (size === 0) return error;
  const rest = `run the same command again to continue: ${path} has what was made of ${plural(size, 'record')}`;
  if (run.stopped.aborted) run.say(rest);
  if (!(error instanceof GoodputError) || error.kind !== 'endpoint') return error;
  const { message, hint, cause } = error;
  return new GoodputError('endpoint', message, {
    hint: hint === null ? rest : `${hint}; then ${rest}`,
    cause,
  });
}
