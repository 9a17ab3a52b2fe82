import type { Socket } from 'node:net';
import type { Destination, ProxyRoute } from './route.ts';
import { authority } from './route.ts';

/** More of an answer to CONNECT is no head. */
const MAX_HEAD_BYTES = 16 * 1024;

/** A proxy that will not connect us, or that does not speak as one. */
class TunnelError extends Error {
  readonly code = 'ERR_PROXY_TUNNEL';
}

/**
 * Asks a proxy for a tunnel (RFC 9110 §9.3.6) on a socket that is open and unused.
 * @param done with `null` once what is written goes to `to`; never after the socket was destroyed
 */
export function openTunnel(
  socket: Socket,
  proxy: ProxyRoute,
  to: Destination,
  done: (error: Error | null) => void,
): void {
  const name = authority(to);
  const credentials = proxy.authorization === null ? '' : `proxy-authorization: ${proxy.authorization}\r\n`;
  let head = Buffer.alloc(0);
  const end = (error: Error | null): void => {
    socket.off('data', onData);
    socket.off('close', onClose);
    socket.pause();
    done(error);
  };
  const refuse = (why: string): void => end(new TunnelError(`the proxy ${authority(proxy)} ${why}`));
  const onClose = (): void => refuse('closed the connection in place of a tunnel');
  const onData = (bytes: Buffer): void => {
    head = Buffer.concat([head, bytes]);
    const split = head.indexOf('\r\n\r\n');
    if (split === -1) {
      if (head.length > MAX_HEAD_BYTES) refuse('does not answer in HTTP');
      return;
    }
    const [line = ''] = head.toString('latin1', 0, split).split('\r\n');
    const [, status, reason = ''] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(line) ?? [];
    if (status === undefined) refuse('does not answer in HTTP');
    else if (!status.startsWith('2')) refuse(`refused a tunnel: HTTP ${status} ${reason}`.trimEnd());
    // In TLS the client speaks first.
    else if (head.length > split + 4) refuse('sent more than its answer');
    else end(null);
  };
  socket.on('data', onData);
  socket.once('close', onClose);
  socket.write(`CONNECT ${name} HTTP/1.1\r\nhost: ${name}\r\n${credentials}\r\n`);
}
