import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface ProxyServer {
  port: number;
  /** Head of each request: a CONNECT, or one to forward. */
  heads: string[];
  close(): void;
}

/**
 * Starts a proxy that tunnels or forwards to the requested port of this machine, whatever the host.
 * @param answer response instead of a tunnel
 */
export async function startProxy(
  options: { tls?: { cert: string; key: string }; answer?: string } = {},
): Promise<ProxyServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (bytes: Buffer) => {
      const split = bytes.indexOf('\r\n\r\n');
      const head = bytes.toString('latin1', 0, split);
      heads.push(head);
      if (options.answer !== undefined) {
        socket.end(options.answer);
        return;
      }
      const [method, target] = head.split(' ') as [string, string];
      const port = Number(/:(\d+)(\/|$)/.exec(target)![1]);
      const onward = connect(port, '127.0.0.1', () => {
        if (method === 'CONNECT') socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        else onward.write(bytes);
        socket.pipe(onward).pipe(socket);
      });
      sockets.add(onward);
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
  };
  const server = options.tls === undefined ? createServer(onSocket) : createTlsServer(options.tls, onSocket);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    heads,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
