import type { Exchange } from '../client/client.ts';
import { GoodputError } from '../errors.ts';
import type { ApiAnswer, EndpointProfile } from './endpoint-profile.ts';

/** Statuses that mean that the path or the method does not exist. */
const NOT_SUPPORTED = new Set([404, 405, 501]);

export function answerOf({ outcome, status, error }: Exchange): ApiAnswer {
  const spoken = outcome === 'ok' ? true : status !== null && NOT_SUPPORTED.has(status) ? false : null;
  return { spoken, status, said: spoken === true ? null : (error?.message ?? outcome) };
}

export function failureOf(exchange: Exchange | null): EndpointProfile['failed'] {
  if (exchange === null) return null;
  const { outcome, status, error } = exchange;
  return { outcome, status, message: error?.message ?? outcome };
}

const FIXES = new Map(
  Object.entries({
    dns: 'is the name correct, and does this machine resolve it?',
    connect: 'is the server up, and is this its port?',
    tls: 'does the port speak TLS (https)? --cacert FILE trusts its authority, --servername NAME expects another name',
    timeout: 'is the address right, and does a firewall block it?',
  }),
);

export function unreachable(message: string, outcome: string): GoodputError {
  const hint = FIXES.get(outcome);
  return new GoodputError('endpoint', message, hint === undefined ? {} : { hint });
}

/** Returns the URL without userinfo and query: either may hold a key. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/$/, '');
}
