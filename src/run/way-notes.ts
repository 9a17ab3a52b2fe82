import { authority, type Route } from '../client/connection/route.ts';

/** What the way to an endpoint does to what is measured, in whole sentences. */
export function wayNotes({ tls, proxy }: Route): string[] {
  return [
    ...(tls.insecure
      ? ['No certificate was checked (--insecure): whoever answered may not be the server that was meant.']
      : []),
    ...(proxy === null
      ? []
      : [
          `Everything went through the proxy ${authority(proxy)}: what it took is part of every time, and its refusals are among the failures.`,
        ]),
  ];
}

/** @param spoken versions of HTTP that answers came in, where HTTP/2 was asked for; none: nobody answered, or nobody asked */
export function spokenNotes(spoken: ReadonlySet<string>): string[] {
  if (spoken.size === 0) return [];
  return [
    spoken.has('2')
      ? 'HTTP/2 was spoken, one request at a time on a connection.'
      : 'HTTP/2 was asked for, and the server chose HTTP/1.1.',
  ];
}
