import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeText } from '../../document/decode.ts';
import type { Definition } from '../../document/definition.ts';
import { GoodputError } from '../../errors.ts';
import type { Meeting } from '../../lifecycle/run-options.ts';
import type { RankStart } from '../../record/header.ts';
import { makeFolderOfRuns } from '../../record/folder.ts';
import { codeOf, reasonOf } from '../../system-errors.ts';
import type { Milliseconds } from '../../units.ts';
import {
  type Arrival,
  type HostClock,
  learnedLate,
  leftText,
  type MeetingOptions,
  type MeetingPlace,
  missingText,
  notStarted,
} from './meeting.ts';
import { type Decision, DECISION, type Instant, type Ready, READY } from './meeting-json.ts';
import { differingParts } from '../plan-parts.ts';

const START_FILE = 'start.json';
const POLL_MS: Milliseconds = 20;
/** A rank that waits writes its time this often: the difference between wall clocks is known to about this. */
const REFRESH_MS: Milliseconds = 500;
/** The time from the decision to the start: on one host, and on several, whose shared folder may show files late. */
const LEAD_MS: Milliseconds = 300;
const SHARED_LEAD_MS: Milliseconds = 3000;
/** Wall and monotonic clock of one host agree on a duration to within this. */
const SAME_CLOCK_MS: Milliseconds = 1000;

/** A meeting in a folder that all ranks share: each writes `ready-r`, and rank 0 writes `start.json` with the instant of the start. */
export class FolderMeeting implements MeetingPlace {
  readonly #dir: string;
  readonly #options: MeetingOptions;
  readonly #ready = new Map<number, Ready>();
  readonly #ahead_ms: (number | null)[];
  /** Why a file could not be read the last time, by its name. */
  readonly #unread = new Map<string, string>();
  #own: Ready | null = null;
  #isOver = false;
  #hasDecided = false;

  private constructor(dir: string, options: MeetingOptions) {
    this.#dir = dir;
    this.#options = options;
    this.#ahead_ms = Array.from({ length: options.rank.of }, () => null);
  }

  /** @throws {GoodputError} kind `usage` if the folder cannot be created, `io` if the disk is full */
  static async open(dir: string, options: MeetingOptions): Promise<FolderMeeting> {
    await makeFolderOfRuns(dir);
    return new FolderMeeting(dir, options);
  }

  async meet(arrival: Arrival): Promise<Meeting> {
    const { rank, timeout, clock } = this.#options;
    this.#own = { ...arrival, of: rank.of, at: instantOf(clock) };
    await this.#arrive(this.#own);
    const began_ns = clock.monotonic_ns();
    const waited = (): Milliseconds => Number(clock.monotonic_ns() - began_ns) / 1e6;
    let refreshed = 0;
    for (;;) {
      const decision = await this.#read(START_FILE, DECISION);
      if (decision !== null) return await this.#follow(decision, instantOf(clock));
      await this.#look();
      const missing = this.#missing();
      if (waited() > timeout) await this.#giveUp(missing);
      else if (rank.index === 0 && missing.length === 0) await this.#decide(this.#start());
      else if (waited() - refreshed > REFRESH_MS) {
        refreshed = waited();
        await this.#refresh();
      } else await sleep(POLL_MS);
    }
  }

  /**
   * Decides that no rank starts because some did not arrive in time.
   * @throws {GoodputError} kind `ranks` if there is a decision that cannot be read
   */
  async #giveUp(missing: readonly number[]): Promise<void> {
    const unread = this.#unread.get(START_FILE);
    if (unread !== undefined) throw damagedFile(unread);
    const { rank, timeout } = this.#options;
    const why = [missingText(missing, rank.of, timeout), ...this.#unread.values()];
    await this.#decide({ refused: why.join('; ') });
  }

  async leave(reason: string): Promise<void> {
    if (!this.#isOver) await this.#decide({ refused: leftText(this.#options.rank, reason) });
    this.#isOver = true;
  }

  async close(): Promise<void> {
    if (this.#own !== null) await rm(this.#path(this.#options.rank.index), { force: true });
    if (!this.#hasDecided) return;
    // The others remove their own files once they have read the decision.
    for (let k = 0; k < 50 && (await this.#names()).some(isReady); k++) await sleep(POLL_MS);
    await rm(join(this.#dir, START_FILE), { force: true });
  }

  async #arrive(own: Ready): Promise<void> {
    const { index, of } = this.#options.rank;
    try {
      await writeFile(this.#path(index), JSON.stringify(own), { flag: 'wx' });
    } catch (error) {
      this.#own = null;
      this.#isOver = true;
      if (codeOf(error) !== 'EEXIST')
        throw new GoodputError('io', `cannot write ${this.#path(index)}: ${reasonOf(error)}`, {
          cause: error,
        });
      throw new GoodputError(
        'ranks',
        `${this.#path(index)} exists: another process is rank ${index} of ${of}, or was in an earlier run`,
        {
          hint: 'Give each process another rank; after a crash, delete the file or use another folder for --meet.',
        },
      );
    }
  }

  /** Reads which ranks are there. @throws nothing: a rank with another plan decides the meeting */
  async #look(): Promise<void> {
    const { rank, clock } = this.#options;
    for (const name of await this.#names()) {
      if (!isReady(name)) continue;
      const index = Number(name.slice(PREFIX.length));
      // Only rank 0 measures the clocks; the others need the names.
      if (index >= rank.of || (this.#ready.has(index) && rank.index !== 0)) continue;
      const ready = await this.#read(name, READY);
      if (ready === null) continue;
      this.#ready.set(index, ready);
      const ahead_ms = ready.at.epoch_ms - clock.epoch_ms();
      this.#ahead_ms[index] = Math.max(ahead_ms, this.#ahead_ms[index] ?? -Infinity);
      const wrong = this.#wrongWith(ready);
      if (wrong !== null) await this.#decide({ refused: `rank ${index} of ${ready.of} ${wrong}` });
    }
  }

  #wrongWith({ of, parts }: Ready): string | null {
    if (of !== this.#options.rank.of)
      return `belongs to a run with another number of ranks, not ${this.#options.rank.of}`;
    const differing = differingParts(parts, this.#own!.parts);
    return differing.length === 0
      ? null
      : `has another plan: ${differing.join(', ')} differ from rank ${this.#options.rank.index}`;
  }

  #missing(): number[] {
    return Array.from({ length: this.#options.rank.of }, (_, index) => index).filter(
      (index) => !this.#ready.has(index),
    );
  }

  #start(): Decision {
    const { clock, rank } = this.#options;
    const all = Array.from({ length: rank.of }, (_, index) => this.#ready.get(index)!);
    const isOneHost = clock.boot !== null && all.every(({ at }) => at.boot === clock.boot);
    const lead_ms = isOneHost ? LEAD_MS : SHARED_LEAD_MS;
    const written = instantOf(clock);
    const at = {
      ...written,
      epoch_ms: written.epoch_ms + lead_ms,
      monotonic_ns: String(BigInt(written.monotonic_ns) + BigInt(lead_ms * 1e6)),
    };
    return { ids: all.map(({ id }) => id), start: { at, written }, ahead_ms: this.#ahead_ms };
  }

  /** Makes the decision, unless another rank has made one. */
  async #decide(decision: Decision): Promise<void> {
    try {
      await writeFile(join(this.#dir, START_FILE), JSON.stringify(decision), { flag: 'wx' });
      this.#hasDecided = true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST')
        throw new GoodputError('io', `cannot write ${join(this.#dir, START_FILE)}: ${reasonOf(error)}`, {
          cause: error,
        });
    }
  }

  /** @param read when the decision was read */
  async #follow({ ids, start, ahead_ms, refused }: Decision, read: Instant): Promise<Meeting> {
    const { clock, rank } = this.#options;
    this.#isOver = true;
    await rm(this.#path(rank.index), { force: true });
    if (start === undefined || ids === undefined) throw notStarted(refused ?? 'the meeting was given up');
    if (ids[rank.index] !== this.#own!.id)
      throw new GoodputError('ranks', `${join(this.#dir, START_FILE)} belongs to another run`, {
        hint: 'Use another folder for --meet, or delete the file if no run uses it.',
      });
    if (hasSameClock(start.written, read))
      return timely(
        { origin_ns: BigInt(start.at.monotonic_ns), start: { by: 'host', offset_ms: 0, error_ms: 0 } },
        this.#options,
      );
    // Nothing is read before it was written, which bounds the difference of the wall clocks on both sides.
    const low = ahead_ms?.[rank.index] ?? -Infinity;
    const high = read.epoch_ms - start.written.epoch_ms;
    const isWithin = low <= 0 && high >= 0;
    const offset_ms = isWithin ? 0 : (low + high) / 2;
    const error_ms = isWithin ? Math.max(-low, high) : (high - low) / 2;
    const left_ms = start.at.epoch_ms + offset_ms - clock.epoch_ms();
    const origin_ns = clock.monotonic_ns() + BigInt(Math.round(left_ms * 1e6));
    const found: RankStart = { by: 'folder', offset_ms: isWithin ? null : offset_ms, error_ms };
    return timely({ origin_ns, start: found }, this.#options);
  }

  async #refresh(): Promise<void> {
    const { rank, clock } = this.#options;
    const beside = join(this.#dir, `.${PREFIX}${rank.index}.tmp`);
    await writeFile(beside, JSON.stringify({ ...this.#own!, at: instantOf(clock) }));
    await rename(beside, this.#path(rank.index));
  }

  #path(index: number): string {
    return join(this.#dir, `${PREFIX}${index}`);
  }

  async #names(): Promise<string[]> {
    return readdir(this.#dir).catch(() => []);
  }

  /**
   * Reads a file of the meeting; `null` if it does not exist, or cannot be read: it may still be being written.
   * @throws {GoodputError} kind `ranks` if it is complete, and not what a rank writes
   */
  async #read<T>(name: string, definition: Definition<T>): Promise<T | null> {
    const path = join(this.#dir, name);
    try {
      const found = decodeText(definition, await readFile(path, 'utf8'));
      this.#unread.delete(name);
      return found;
    } catch (error) {
      const problem = `${path}: ${reasonOf(error)}`;
      if (error instanceof TypeError) throw damagedFile(problem);
      if (codeOf(error) === 'ENOENT') this.#unread.delete(name);
      else this.#unread.set(name, problem);
      return null;
    }
  }
}

const damagedFile = (problem: string): GoodputError =>
  new GoodputError('ranks', problem, {
    hint: 'Delete the file if no run uses it, or use another folder for --meet, then start all ranks again.',
  });

const PREFIX = 'ready-';
const isReady = (name: string): boolean => /^ready-\d{1,9}$/.test(name);

const instantOf = ({ epoch_ms, monotonic_ns, boot }: HostClock): Instant => ({
  epoch_ms: epoch_ms(),
  monotonic_ns: String(monotonic_ns()),
  boot,
});

/** Returns true if two instants come from one host whose monotonic clock is the same for both processes. */
function hasSameClock(written: Instant, read: Instant): boolean {
  if (written.boot === null || written.boot !== read.boot) return false;
  const monotonic_ms = Number(BigInt(read.monotonic_ns) - BigInt(written.monotonic_ns)) / 1e6;
  return monotonic_ms >= 0 && Math.abs(monotonic_ms - (read.epoch_ms - written.epoch_ms)) < SAME_CLOCK_MS;
}

/** @throws {GoodputError} kind `ranks` if the start has passed */
export function timely(meeting: Meeting, { clock, rank }: MeetingOptions): Meeting {
  const late_ms = Number(clock.monotonic_ns() - meeting.origin_ns) / 1e6;
  if (late_ms > 0) throw learnedLate(rank, late_ms);
  return meeting;
}
