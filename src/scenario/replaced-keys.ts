import { SIMULATED } from './keys/endpoint-keys.ts';
import type { Assignment } from './external-layers.ts';

/** Keys that only apply in open loop. */
const OPEN_LOOP_KEYS = [
  'load.arrivals',
  'load.burstiness',
  'load.speed',
  'load.from',
  'load.spread',
  'load.maxConcurrency',
  'load.clock',
];

/** Keys that replace `workload.input`. */
const OTHER_INPUTS = ['workload.prompts', 'workload.data', 'workload.sessions'];

/** The keys that setting a key removes from the layers below. */
const REPLACES = new Map<string, readonly string[]>(
  Object.entries({
    'load.rate': ['load.concurrency', 'load.stages', 'load.speed', 'sweep.rate', 'sweep.concurrency'],
    'load.concurrency': ['load.rate', 'load.stages', ...OPEN_LOOP_KEYS, 'sweep.rate', 'sweep.concurrency'],
    'load.speed': ['load.rate'],
    'load.duration': ['load.requests', 'load.sessions'],
    'load.requests': ['load.duration', 'load.sessions'],
    'load.sessions': ['load.duration', 'load.requests'],
    'endpoint.model': ['endpoint.models'],
    'endpoint.models': ['endpoint.model'],
    'workload.input': [...OTHER_INPUTS, 'sweep.input'],
    'workload.output': ['sweep.output'],
    'workload.prompts': [
      'workload.input',
      'workload.prefix',
      'workload.sessions',
      'workload.data',
      'sweep.input',
    ],
    'workload.data.file': [
      'workload.input',
      'workload.prefix',
      'workload.sessions',
      'workload.prompts',
      'sweep.input',
    ],
    'sweep.rate': ['load.rate', 'load.concurrency', 'load.stages', 'sweep.concurrency'],
    'sweep.concurrency': ['load.concurrency', 'load.rate', 'load.stages', ...OPEN_LOOP_KEYS, 'sweep.rate'],
    'sweep.input': ['workload.input', ...OTHER_INPUTS],
    'sweep.output': ['workload.output'],
  }),
);

/** Keys that only apply to a real server, not to the embedded endpoint. */
const SERVER_KEYS = [
  'endpoint.apiKey',
  'endpoint.headers',
  'endpoint.tls',
  'endpoint.proxy',
  'endpoint.http2',
  'endpoint.replicas',
  'endpoint.unixSocket',
  'endpoint.resolve',
];

/** Returns the keys that an assignment removes from the layers below. */
export function keysReplacedBy({ path, written }: Assignment): readonly string[] {
  const key = path.join('.');
  // One server's credentials must not be sent to another.
  if (key === 'endpoint.url')
    return written === SIMULATED
      ? ['endpoint.provider', ...SERVER_KEYS]
      : ['endpoint.provider', 'endpoint.replicas', 'simulator'];
  if (key === 'endpoint.provider') return ['endpoint.url', 'endpoint.replicas', 'endpoint.api', 'simulator'];
  if (key === 'load.arrivals')
    return [
      ...(written === 'gamma' ? [] : ['load.burstiness']),
      ...(written === 'trace' ? [] : ['load.speed', 'load.from', 'load.spread']),
    ];
  return REPLACES.get(key) ?? [];
}
