import { documentOf, type SessionLoad } from '../../src/capacity/capacity-document.ts';
import { search, type SearchSettings } from '../../src/capacity/capacity-search.ts';
import type { FoundCapacity } from '../../src/render/capacity/capacity.ts';
import { type KnownServer, worldOf } from './simulated-runner.ts';

export const SETTINGS: SearchSettings = { axis: 'rate', target: 0.9, budget_s: 1800, width: 0.1, seed: 1 };

/** Returns the answer of a search on a server whose capacity is known. */
export async function searched(
  server: KnownServer,
  more: Partial<SearchSettings> = {},
  { name = 'chat', sessions = null }: { name?: string; sessions?: SessionLoad | null } = {},
): Promise<FoundCapacity> {
  const settings = { ...SETTINGS, ...more };
  const document = documentOf(await search(settings, [], worldOf(server)), settings, 4, false, sessions);
  return {
    document,
    context: {
      name,
      endpoint: 'http://h/v1',
      slo: ['ttft <= 200ms'],
      dir: 'reports/chat-capacity',
      stored: false,
    },
  };
}
