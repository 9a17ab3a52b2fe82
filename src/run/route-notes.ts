import { duration } from '../numbers.ts';
import type { Prepared } from '../client/connection/pool.ts';
import { authority, type Route } from '../client/connection/network-route.ts';
import type { Microseconds } from '../units.ts';

/** Returns notes on what the route to the endpoint does to the measurement. */
export function routeNotes({ tls, proxy }: Route): string[] {
  return [
    ...(tls.insecure
      ? ['Certificates were not verified (--insecure): another server may have answered.']
      : []),
    ...(proxy === null
      ? []
      : [
          `All requests went through the proxy ${authority(proxy)}: its delay is part of every latency, and its refusals count as failures.`,
        ]),
  ];
}

/** @param versions HTTP versions of the responses, if HTTP/2 was requested; empty if it was not, or no response arrived */
export function httpVersionNotes(versions: ReadonlySet<string>): string[] {
  if (versions.size === 0) return [];
  return [
    versions.has('2')
      ? 'The run used HTTP/2, one request at a time on each connection.'
      : 'HTTP/2 was requested, and the server chose HTTP/1.1.',
  ];
}

/** Returns a note on the connections that all workers opened before the first request; `null` if none was requested. */
export function preconnectNote(all: readonly Prepared[]): string | null {
  if (all.length === 0) return null;
  const times = all.flatMap(({ opened_us }) => opened_us).toSorted((a, b) => a - b);
  const failed = all.reduce((sum, each) => sum + each.failed, 0);
  const ms = (us: Microseconds): string => duration(us / 1000);
  const took =
    times.length === 0
      ? ''
      : `, p50 ${ms(times[Math.ceil(times.length / 2) - 1]!)}, longest ${ms(times.at(-1)!)}`;
  const problem = all.find((each) => each.problem !== null)?.problem ?? '';
  const rest = failed === 0 ? '' : `; ${failed} could not be opened (${problem})`;
  return `${times.length} connections were opened before the first request${took}${rest}: no latency includes this time.`;
}
