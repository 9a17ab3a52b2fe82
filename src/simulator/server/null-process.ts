import { openNullEndpoint } from './null-endpoint.ts';

/** Entry of the null endpoint's process: reports its URL to its parent, and exits with it. */
const { url } = await openNullEndpoint();
process.on('disconnect', () => process.exit());
process.send?.(url);
