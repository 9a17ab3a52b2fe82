import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isFailure } from '../analysis/judging.ts';
import { liveRunOf } from '../lifecycle/window.ts';
import { SAMPLES_FILE } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import { decodeSample } from '../record/samples-jsonl.ts';
import { scenarioFromEcho } from '../scenario/echo.ts';
import { percentileNamed } from '../statistics/percentile.ts';
import { type JudgedSoFar, LiveJudgement } from '../verdict/live-judgement.ts';

/** The bytes that are read for one update, so that a long run does not block the server: the next update reads on. */
const MOST_BYTES = 16 * 1024 * 1024;
const NEWLINE = 10;

/** The figures of a run that is being recorded, over the requests that have ended. */
export interface SoFar {
  ended: number;
  ok: number;
  failed: number;
  ttft_p50_ms: number | null;
  ttft_p95_ms: number | null;
  judged: JudgedSoFar;
  /** Share of the file that was read, 0 … 1. */
  read: number;
}

const P50 = percentileNamed('p50');
const P95 = percentileNamed('p95');

/** A run that is being recorded: reads what was appended since the last update. */
export class RecordedSoFar {
  readonly #path: string;
  readonly #judgement: LiveJudgement;
  /** Bytes of complete lines that were read. */
  #offset = 0;
  #ended = 0;
  #ok = 0;
  #failed = 0;
  #updating: Promise<SoFar> | null = null;

  /** @throws {GoodputError} kind `usage` if this version cannot read its scenario */
  constructor(dir: string, header: RunHeader) {
    const scenario = scenarioFromEcho(header.scenario);
    this.#path = join(dir, SAMPLES_FILE);
    this.#judgement = new LiveJudgement(scenario.slo, scenario.gates, liveRunOf(scenario));
  }

  /**
   * Returns the figures so far. Calls at the same time share one reading.
   * @throws {Error} if the samples cannot be read
   */
  update(): Promise<SoFar> {
    this.#updating ??= this.#update().finally(() => {
      this.#updating = null;
    });
    return this.#updating;
  }

  async #update(): Promise<SoFar> {
    const file = await open(this.#path);
    let size: number;
    try {
      ({ size } = await file.stat());
      const length = Math.min(MOST_BYTES, size - this.#offset);
      const bytes = Buffer.allocUnsafe(Math.max(0, length));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset);
      // The last line may be in the middle of its write.
      const end = bytes.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1;
      const lines = bytes
        .toString('utf8', 0, end)
        .split('\n')
        .filter((line) => line !== '');
      this.#add(lines);
      this.#offset += end;
    } finally {
      await file.close();
    }
    return {
      ended: this.#ended,
      ok: this.#ok,
      failed: this.#failed,
      ttft_p50_ms: this.#judgement.ttftAt(P50),
      ttft_p95_ms: this.#judgement.ttftAt(P95),
      judged: this.#judgement.soFar(null),
      read: size === 0 ? 1 : this.#offset / size,
    };
  }

  #add(lines: readonly string[]): void {
    const samples = lines.map((line) => decodeSample(line));
    for (const { outcome } of samples) {
      this.#ended++;
      if (outcome === 'ok') this.#ok++;
      else if (isFailure(outcome)) this.#failed++;
    }
    this.#judgement.add(samples);
  }
}
