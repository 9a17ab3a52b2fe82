import { compareRecordedRounds, compareSides, type ComparingOptions } from '../multi-run/compare-recorded.ts';
import { readHeader } from '../record/reader.ts';
import { readRounds } from '../record/rounds-json.ts';
import { duration, share } from '../numbers.ts';
import { renderComparisonPage } from '../render/comparison/comparison-page.ts';
import { renderScoredPage } from '../render/run-page/scored-page.ts';
import { score } from '../score/score.ts';
import { Entries } from './entries.ts';
import type { Entry } from './entry.ts';
import { listPage } from './list-page.ts';
import { livePage, soFarTexts } from './live-page.ts';
import { RecordedSoFar } from './recorded-so-far.ts';
import { jsonOf, NO_CONTENT, ownPage, type Response, textOf } from './response.ts';
import { trendPage } from './trend-page.ts';

const AS_RECORDED: ComparingOptions = {
  comparing: { tolerance: null, failOn: null, decide: null },
  slos: null,
  strict: false,
};

const NOT_FOUND = textOf(404, 'there is no such run: / lists them');

/** Answers each address. An identifier of a run is looked up among those that were listed, and never made into a path. */
export class Routes {
  readonly #entries: Entries;
  readonly #folder: string;
  /** Runs that are being recorded, by identifier. */
  readonly #live = new Map<string, RecordedSoFar>();

  /**
   * @param root the real path of the folder
   * @param folder the name that the pages show for it
   */
  constructor(root: string, folder: string) {
    this.#entries = new Entries(root);
    this.#folder = folder;
  }

  /**
   * @param url path and query of a request that was not refused
   * @throws {GoodputError} if a run cannot be read
   */
  async answer(url: string): Promise<Response> {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    switch (pathname) {
      case '/':
        return listPage(this.#folder);
      case '/entries':
        return jsonOf({ entries: await this.#list() });
      case '/run':
        return this.#run(one(searchParams, 'id'));
      case '/so-far':
        return this.#soFar(one(searchParams, 'id'));
      case '/trend':
        return this.#trend(one(searchParams, 'name'));
      case '/compare':
        return this.#compare(one(searchParams, 'base'), one(searchParams, 'new'));
      case '/favicon.ico':
        return NO_CONTENT;
      default:
        return NOT_FOUND;
    }
  }

  async #run(id: string | null): Promise<Response> {
    const found = id === null ? null : await this.#entries.find(id);
    if (found === null) return NOT_FOUND;
    const { entry, dir } = found;
    if (entry.kind === 'rounds') return this.#rounds(entry, dir);
    if (entry.kind !== 'run') return listPage(this.#folder, entry.id);
    if (entry.recording === true) return livePage(entry);
    return ownPage(await renderScoredPage([await score(dir, { strict: false, again: true })]));
  }

  async #rounds(entry: Entry, dir: string): Promise<Response> {
    const record = await readRounds(dir);
    // The record names folders: only those that were listed inside this one are read.
    for (const { run } of record?.runs ?? [])
      if ((await this.#entries.find(`${entry.id}/${run}`)) === null) return NOT_FOUND;
    const compared = await compareRecordedRounds(dir, AS_RECORDED);
    return compared === null
      ? NOT_FOUND
      : ownPage(renderComparisonPage({ ...compared, exits: { of: 'none' } }));
  }

  /** Returns the entries, with the figures so far of runs that are being recorded. */
  async #list(): Promise<readonly Entry[]> {
    const entries = await this.#entries.list();
    const recording = entries.filter((entry) => entry.recording === true);
    for (const entry of recording) {
      const live = await this.#follow(entry.id).catch(() => null);
      if (live === null) continue;
      const { judged, ttft_p95_ms: ttft } = await live.update();
      const { attainment } = judged;
      entry.figures = {
        ...entry.figures,
        attainment: { value: attainment, text: attainment === null ? '–' : share(attainment) },
        ttft_p95_ms: { value: ttft, text: ttft === null ? '–' : duration(ttft) },
      };
    }
    return entries;
  }

  /** Returns the run as far as it is recorded; `null` if it has ended. */
  async #follow(id: string): Promise<RecordedSoFar | null> {
    const found = await this.#entries.find(id);
    const header = found === null ? null : await readHeader(found.dir);
    if (found === null || header?.status !== 'running') {
      this.#live.delete(id);
      return null;
    }
    let live = this.#live.get(id);
    if (live === undefined) this.#live.set(id, (live = new RecordedSoFar(found.dir, header)));
    return live;
  }

  async #soFar(id: string | null): Promise<Response> {
    const found = id === null ? null : await this.#entries.find(id);
    if (found === null || found.entry.kind !== 'run') return NOT_FOUND;
    const live = await this.#follow(found.entry.id);
    return jsonOf(
      live === null ? { status: 'ended' } : { status: 'running', ...soFarTexts(await live.update()) },
    );
  }

  async #trend(name: string | null): Promise<Response> {
    const entries = await this.#entries.list();
    const runs = entries.filter(
      (entry) =>
        entry.kind === 'run' && entry.name === name && entry.started !== null && entry.recording !== true,
    );
    return name === null || runs.length === 0 ? NOT_FOUND : ownPage(trendPage(name, runs));
  }

  async #compare(base: string | null, next: string | null): Promise<Response> {
    const first = base === null ? null : await this.#entries.find(base);
    const second = next === null ? null : await this.#entries.find(next);
    if (first === null || second === null || first.entry.kind !== 'run' || second.entry.kind !== 'run')
      return NOT_FOUND;
    const sides = { base: [first.dir], new: [second.dir] };
    return ownPage(
      renderComparisonPage({ ...(await compareSides(sides, AS_RECORDED)), exits: { of: 'none' } }),
    );
  }
}

/** Returns the only value of a parameter; `null` if it is absent or given several times. */
function one(parameters: URLSearchParams, name: string): string | null {
  const values = parameters.getAll(name);
  return values.length === 1 ? values[0]! : null;
}
