import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunked, LAST_CHUNK, type RawServer, startRawServer } from '../../test/client/raw-server.ts';
import type { FuzzResponse } from './responses.ts';

/** Usually long enough for the client to read what was written before a reset. */
const BEFORE_RESET_MS = 5;

/**
 * Starts a server on the loopback interface that answers each request with a response.
 * @param responseTo returns the response to a request's body; none if no reader waits for it any more
 */
export const startFuzzServer = (responseTo: (body: string) => FuzzResponse | undefined): Promise<RawServer> =>
  startRawServer((request, socket) => {
    const response = responseTo(request.body);
    if (response === undefined) socket.destroy();
    else void play(response, socket);
  });

async function play({ head, pieces, end }: FuzzResponse, socket: Socket): Promise<void> {
  socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'));
  for (const [k, piece] of pieces.entries()) {
    socket.write(chunked(piece));
    // Some chunks arrive in separate reads.
    if (k % 3 === 0 && pieces.length < 12) await sleep(0);
  }
  if (end === 'last-chunk') socket.write(LAST_CHUNK);
  // A close follows the complete response; a client that still reads gets it.
  if (end === 'close') socket.end(LAST_CHUNK);
  if (end === 'reset') {
    await sleep(BEFORE_RESET_MS);
    socket.resetAndDestroy();
  }
}
