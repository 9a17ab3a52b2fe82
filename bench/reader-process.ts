import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { clockFrom } from '../src/health/monotonic-clock.ts';
import type { Variant } from './variants/variant.ts';

/**
 * One client in its own process, so that its CPU time includes the garbage collector, the compiler and connecting,
 * but not loading the code. Prints its usage as one line of JSON.
 */
const VARIANTS: Record<string, () => Promise<Variant>> = {
  undici: async () => (await import('./variants/undici.ts')).bare,
  scan: async () => (await import('./variants/undici.ts')).scan,
  parse: async () => (await import('./variants/undici.ts')).parse,
  goodput: async () => (await import('./variants/goodput.ts')).goodput,
  fetch: async () => (await import('./variants/fetch.ts')).fetchReader,
  openai: async () => (await import('./variants/openai.ts')).openai,
};

/** Streams opened at once: a listen queue is finite, and an overflow costs a second. */
const OPEN_AT_ONCE = 250;
const PAUSE_MS = 10;
const LOOK_AT_MEMORY_MS = 100;

const { values } = parseArgs({
  options: {
    variant: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
    streams: { type: 'string', default: '1' },
    events: { type: 'string', default: '1' },
    stamps: { type: 'string' },
  },
});
const streams = Number(values.streams);
const events = Number(values.events);
const stamps = values.stamps === undefined ? null : new Float64Array(streams * events);
const make = await VARIANTS[values.variant]!();
const reader = await make({ url: values.url, streams, events, stamps, now: clockFrom(0n) });

const kb = (): number => Math.round(process.memoryUsage.rss() / 1024);
const rss_before_kb = kb();
let rss_peak_kb = rss_before_kb;
const look = setInterval(() => {
  rss_peak_kb = Math.max(rss_peak_kb, kb());
}, LOOK_AT_MEMORY_MS);

/**
 * Returns the microseconds for which this thread was ready to run and had no core; `null` if the system does not
 * report them.
 */
function waited_us(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[1]) / 1000;
  } catch {
    return 0;
  }
}

const begun_ms = performance.now();
const waited_before_us = waited_us();
const before = process.cpuUsage();

const reading: Promise<number>[] = [];
for (let id = 0; id < streams; id++) {
  reading.push(reader.read(id));
  if (id % OPEN_AT_ONCE === OPEN_AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
const seen = await Promise.all(reading);

const { user, system } = process.cpuUsage(before);
const waited = (waited_us() - waited_before_us) / 1000 / (performance.now() - begun_ms);
clearInterval(look);
if (stamps !== null) writeFileSync(values.stamps!, new Uint8Array(stamps.buffer));
process.stdout.write(
  `${JSON.stringify({
    events: seen.reduce((sum, count) => sum + count, 0),
    cpu_us: user + system,
    rss_before_kb,
    rss_peak_kb: Math.max(rss_peak_kb, kb()),
    waited,
  })}\n`,
);
await reader.close();
process.exit(0);
