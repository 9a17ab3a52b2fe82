import type { Socket } from 'node:net';
import type { Destination, ProxyRoute } from './network-route.ts';
import { authority } from './network-route.ts';

/** A longer response to CONNECT is not an HTTP head. */
const MAX_HEAD_BYTES = 16 * 1024;

/** The proxy refused the tunnel or is not an HTTP proxy. */
class TunnelError extends Error {
  readonly code = 'ERR_PROXY_TUNNEL';
}

/**
 * Asks a proxy for a tunnel (RFC 9110 §9.3.6) on a socket that is open and unused.
 * @param done called with `null` when the tunnel to `to` is open; not called after the socket was destroyed
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
  const onClose = (): void => refuse('closed the connection instead of opening a tunnel');
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
    // In TLS the client sends first.
    else if (head.length > split + 4) refuse('sent data after its response');
    else end(null);
  };
  socket.on('data', onData);
  socket.once('close', onClose);
  socket.write(`CONNECT ${name} HTTP/1.1\r\nhost: ${name}\r\n${credentials}\r\n`);
}
