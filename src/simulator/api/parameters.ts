import { ApiError } from './api-error.ts';

export type Body = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parameterError(param: string, message: string): ApiError {
  return new ApiError(400, message, { param });
}

/** Returns a boolean; false if it is missing. */
export function booleanParameter(body: Body, param: string, where = ''): boolean {
  const value = body[param];
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw parameterError(where + param, `${where}${param} must be true or false`);
}

export function countParameter(body: Body, param: string, least: number, most: number): number | null {
  const value = body[param];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw parameterError(param, `${param} must be a whole number from ${least} to ${most}`);
}

export function objectParameter(body: Body, param: string): Body | null {
  const value = body[param];
  if (value === undefined || value === null) return null;
  if (isObject(value)) return value;
  throw parameterError(param, `${param} must be an object`);
}
