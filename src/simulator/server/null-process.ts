import { openNullEndpoint } from './null-endpoint.ts';

/** The process of the null endpoint: tells its parent where it listens, and ends with it. */
const { url } = await openNullEndpoint();
process.on('disconnect', () => process.exit());
process.send?.(url);
