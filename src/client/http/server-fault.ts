/**
 * The server broke a rule or a limit, so its response fails as `protocol_error`. Any other exception while a response is
 * read is a defect of goodput and is never recorded as a failure of the server.
 */
export class ServerFault extends Error {
  override readonly name = 'ServerFault';
}
