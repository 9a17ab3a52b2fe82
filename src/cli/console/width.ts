import { openPage, styleOf } from '../../render/layout/style.ts';
import type { Io } from './io.ts';

/** Returns the columns of a line on stdout: those of the terminal, between 60 and 100; 80 if stdout is not a terminal. */
export const widthOf = ({ stdout, env }: Pick<Io, 'stdout' | 'env'>): number =>
  openPage(styleOf(stdout, env, { color: false })).width;
