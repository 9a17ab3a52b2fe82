/**
 * The server violated a protocol or a limit, so its response fails as `protocol_error`. Any other exception during a response is a defect
 * of goodput and is never recorded as a failure of the server.
 */
export class ServerFault extends Error {
  override readonly name = 'ServerFault';
}
