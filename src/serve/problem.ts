/** What goes wrong with a request, as an HTTP status and a body. */

import { CarafeError, ImageError, type ImageFailureCode } from '../errors.ts';

/** Status of each code that a request can meet besides those of photos. */
const statuses = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NO_SUCH_MODEL: 404,
  NO_SUCH_ADDRESS: 404,
  TOO_LATE: 408,
  METHOD: 405,
  TOO_LARGE: 413,
  UNSUPPORTED_TYPE: 415,
  EXPECTATION_FAILED: 417,
  NOT_ANSWERABLE: 422,
  TOO_MANY_REQUESTS: 429,
  HEADERS_TOO_LARGE: 431,
  FAULT: 500,
  BUSY: 503,
  NOT_READY: 503,
} as const;

export type ProblemCode = keyof typeof statuses;

const imageStatuses: Readonly<Record<ImageFailureCode, number>> = {
  NOT_FOUND: 422,
  UNREADABLE: 422,
  EMPTY: 422,
  TRUNCATED: 422,
  BROKEN: 422,
  NOT_AN_IMAGE: 415,
  UNSUPPORTED_FORMAT: 415,
  TOO_LARGE: 413,
};

/** A request that is not answered, and why. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;

  constructor(
    readonly code: ProblemCode,
    readonly what: string,
    readonly hint: string,
    /** Headers of the answer, such as `retry-after`. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(what);
    this.status = statuses[code];
  }
}

/** What a client learns about an error. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly error: { readonly code: string; readonly what: string; readonly hint: string };
}

/** Any error as an answer. Of what is no fault of the client's it says nothing: paths and stacks stay here. */
export function toldOf(error: unknown): Told {
  if (error instanceof Problem) {
    const { status, headers, code, what, hint } = error;
    return { status, headers, error: { code, what, hint } };
  }
  if (error instanceof ImageError) {
    const { code, reason } = error;
    return {
      status: imageStatuses[code],
      headers: {},
      error: { code, what: `The photo cannot be used: ${reason}.`, hint: 'Send another photo, or this one as a JPEG.' },
    };
  }
  const isUsage = error instanceof CarafeError && error.code === 'USAGE';
  if (isUsage) return { status: 400, headers: {}, error: { code: 'BAD_REQUEST', what: error.what, hint: error.hint } };
  return {
    status: statuses.FAULT,
    headers: {},
    error: {
      code: 'FAULT',
      what: 'The service failed to answer.',
      hint: 'Try again; the log of the service has the reason under the request id.',
    },
  };
}

/** Whether an error is a fault of the service, whose log must tell it. */
export function isFault(error: unknown): boolean {
  return toldOf(error).status === statuses.FAULT;
}
