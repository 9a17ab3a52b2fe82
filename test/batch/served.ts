import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseFault } from '../../src/faults.ts';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { type GivenSettings, resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { linear } from '../simulator/linear.ts';

/** A request in the truth log. */
export interface LoggedRequest {
  id: string;
  end: string;
  status: number | null;
  stream: boolean;
  prompt: number;
  computed: number;
}

/** Returns a folder that goes away with the test. */
export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-batch-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts the simulated endpoint in this process; `log` closes it and returns the requests of its batches. */
export async function served(
  faults: readonly string[] = [],
  given: GivenSettings = {},
): Promise<{ url: string; log(): Promise<LoggedRequest[]> }> {
  const parsed = faults.map((text) => {
    const fault = parseFault(text);
    if (!fault.ok) throw new Error(text);
    return fault.value;
  });
  const endpoint = new Endpoint(
    resolveSettings({
      cost: linear({ base: 1000 }),
      engine: { kvBlocks: 100_000 },
      faults: parsed,
      ...given,
    }),
  );
  const url = await endpoint.listen();
  const log = join(await scratch(), 'truth.jsonl');
  endpoint.begin(log);
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await endpoint.close();
    isOpen = false;
  };
  onTestFinished(close);
  return {
    url,
    async log() {
      await close();
      const lines = (await readFile(log, 'utf8')).trim().split('\n');
      return lines
        .map((line): Partial<LoggedRequest> => JSON.parse(line))
        .filter((row): row is LoggedRequest => row.id !== undefined && row.stream === false);
    },
  };
}
