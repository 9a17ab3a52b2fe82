import { resolve } from 'node:path';

/** What the bench compiles and fetches; ignored by git. Its processes run in the root of the repository. */
export const CACHE = resolve('.cache/bench');
