import { plural } from '../numbers.ts';
import type { Session } from '../dataset/model/session.ts';
import { expandFiles } from '../dataset/files.ts';
import { OWN_FIELDS } from '../dataset/model/own-fields.ts';
import { DataSet } from '../dataset/read.ts';
import { SessionSample } from '../dataset/sample.ts';
import { manifestOf } from '../dataset/write/manifest.ts';
import { GoodputError } from '../errors.ts';
import type { ReadData } from '../lifecycle/run-options.ts';
import type { DataChoice, Scenario } from '../scenario/keys/scenario.ts';
import { countArrivals } from '../plan/arrivals.ts';
import { columnsOf, type SessionColumns, SessionTableBuilder } from '../workload/session-table.ts';

/** Reading that takes longer than this is reported. */
const REPORT_EVERY_MS = 2000;

/** Reads the data sets that a scenario names: see `readData`. */
export async function readChoice(
  choice: DataChoice,
  { seed, load }: Pick<Scenario, 'seed' | 'load'>,
  say: (text: string) => void,
): Promise<ReadData> {
  const set = new DataSet(await expandFiles(choice.files), { ...choice, refusesEmpty: true });
  const ignored = new Set<string>();
  const sessions = await sessionsOf(set, choice, { seed, ignored, say });
  const names = set.paths.join(', ');
  const count = sessions.timestamps_ms.length;
  if (count === 0)
    throw new GoodputError('usage', `${names}: contains no session to send`, {
      hint: choice.failed
        ? 'Is it the right file?'
        : 'Requests that failed where they were recorded are sent with failed: true.',
    });
  const isOpen = load.concurrency === null;
  if (isOpen && load.requests !== null && sessions.mostTurns > 1)
    throw new GoodputError(
      'usage',
      `${names}: has sessions of several turns, so load.requests (--requests) cannot count the starts of an open loop`,
      { hint: 'Give the number of sessions to start: load.sessions (--sessions).' },
    );
  if (
    isOpen &&
    !choice.cycle &&
    load.arrivals !== 'trace' &&
    countArrivals({ seed, load, count })!.measure === 0
  )
    throw new GoodputError(
      'usage',
      `${names}: the data ends in the warm-up, after ${count} ${count === 1 ? 'session' : 'sessions'}`,
      { hint: 'Shorten the warm-up (--warmup 0s), or repeat the data (workload.data.cycle: true).' },
    );
  const manifests = await Promise.all(set.files.map(manifestOf));
  const licences = new Set(
    manifests.flatMap((manifest) => manifest?.sources.flatMap(({ licence }) => licence ?? []) ?? []),
  );
  return {
    sessions,
    ignored: [...ignored],
    blockTokens: set.blockTokens,
    files: set.files,
    format: set.format!,
    licence: licences.size === 0 ? null : [...licences].join(', '),
    steps: manifests.flatMap((manifest) => manifest?.steps ?? []),
  };
}

async function sessionsOf(
  set: DataSet,
  choice: DataChoice,
  { seed, ignored, say }: { seed: number; ignored: Set<string>; say: (text: string) => void },
): Promise<SessionColumns> {
  const { take, order, failed } = choice;
  const sample =
    take !== null && order === 'shuffle' ? new SessionSample({ count: take, by: null, seed }) : null;
  const kept = new SessionTableBuilder();
  let reportAt = performance.now() + REPORT_EVERY_MS;
  for await (const batch of set.batches()) {
    for (const read of batch) {
      const sent = failed ? read : withoutFailed(read);
      if (sent === null) continue;
      const session = withoutOwnFields(sent, ignored);
      if (sample !== null) sample.add(session);
      else if (kept.length < (take ?? Infinity)) kept.add(session);
    }
    if (performance.now() < reportAt) continue;
    say(`reading ${set.paths.join(', ')}: ${plural(set.records, 'record')}`);
    reportAt = performance.now() + REPORT_EVERY_MS;
  }
  return sample === null ? kept.columns() : columnsOf(sample.drawn());
}

/** Removes the turns that failed where they were recorded; `null` if no other is left. */
function withoutFailed(session: Session): Session | null {
  const isKept = ({ tags }: Session['turns'][number]): boolean => tags['failed'] !== 'true';
  if (session.turns.every(isKept)) return session;
  const turns = session.turns.filter(isKept);
  return turns.length === 0 ? null : { ...session, turns };
}

/** Removes from the bodies of turns what the run sets itself, and adds the names of these fields to `ignored`. */
function withoutOwnFields(session: Session, ignored: Set<string>): Session {
  const isOwn = (key: string): boolean => OWN_FIELDS.includes(key);
  if (!session.turns.some(({ body }) => body !== null && Object.keys(body).some(isOwn))) return session;
  const turns = session.turns.map((turn) => {
    if (turn.body === null) return turn;
    for (const key of Object.keys(turn.body).filter(isOwn)) ignored.add(key);
    const kept = Object.entries(turn.body).filter(([key]) => !isOwn(key));
    return Object.assign({}, turn, { body: kept.length === 0 ? null : Object.fromEntries(kept) });
  });
  return { ...session, turns };
}
