/** What can go wrong: CarafeError, ImageError, the one list of codes. */

import { type Message, message, messageOf, textOf } from './message.ts';

/**
 * Every failure that a user can meet, and the exit code that the command gives for it.
 * 1: a fault of Carafe's. 2: the input or the command line is wrong. 3: an assertion does not hold. 130: interrupted.
 */
const exitCodes = {
  INTERNAL: 1,
  USAGE: 2,
  NOT_FOUND: 2,
  UNREADABLE: 2,
  UNWRITABLE: 2,
  CACHE_LOST: 2,
  NO_IMAGES: 2,
  ALL_IMAGES_FAILED: 2,
  BAD_LIST: 2,
  BAD_REVIEW: 2,
  TOO_FEW_CLASSES: 2,
  TOO_FEW_IMAGES: 2,
  BAD_MODEL: 2,
  UNSUPPORTED_MODEL: 2,
  NO_PREPROCESSING: 2,
  NO_CUT: 2,
  NOT_A_CLASSIFIER: 2,
  UNAVAILABLE: 2,
  VERIFY_FAILED: 3,
  ASSERTION: 3,
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** Why one photo could not be used. A run goes on without it and lists it. */
export type ImageFailureCode =
  | 'NOT_FOUND'
  | 'UNREADABLE'
  | 'EMPTY'
  | 'NOT_AN_IMAGE'
  | 'UNSUPPORTED_FORMAT'
  | 'TRUNCATED'
  | 'TOO_LARGE'
  | 'BROKEN';

/** What is wrong, and what to do. */
export interface Said {
  readonly what: Message;
  readonly hint: Message;
}

/** An error that says what is wrong, with which file or option, and what to do now. */
export class CarafeError extends Error {
  /** `AbortError` where a signal ended the work, as programs expect of what takes one. */
  override readonly name: 'CarafeError' | 'AbortError';

  /** What is wrong, with which file or flag. */
  readonly what: string;
  /** What to do now. */
  readonly hint: string;
  /** Both with what stands in them, for who says them in another language. */
  readonly said: Said;

  constructor(
    readonly code: ErrorCode,
    what: string | Message,
    hint: string | Message,
    options?: ErrorOptions,
  ) {
    super(`${textOf(what)}\n${textOf(hint)}`, options);
    this.what = textOf(what);
    this.hint = textOf(hint);
    this.said = { what: messageOf(what), hint: messageOf(hint) };
    this.name = code === 'INTERRUPTED' ? 'AbortError' : 'CarafeError';
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/**
 * Does the work unless and until the signal is aborted; wherever that ends it, the error is the same.
 * @throws CarafeError INTERRUPTED, its cause the signal's reason
 */
export async function abortable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  throwIfAborted(signal);
  try {
    return await work();
  } catch (error) {
    // What knows more of its own interruption has said it.
    if (!(error instanceof CarafeError)) throwIfAborted(signal);
    throw error;
  }
}

/** @throws CarafeError INTERRUPTED, its cause the signal's reason */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof CarafeError
    ? reason
    : new CarafeError('INTERRUPTED', 'Interrupted.', 'Start it again.', { cause: reason });
}

/** One photo that could not be used, and why. */
export class ImageError extends Error {
  override readonly name = 'ImageError';

  constructor(
    readonly code: ImageFailureCode,
    /** What is wrong, in one sentence, without the path. */
    readonly reason: string,
    options?: ErrorOptions,
    /** The path or address of the photo, where it has one: the message begins with it. */
    readonly photo?: string,
  ) {
    super(photo === undefined ? reason : `${photo}: ${reason}`, options);
  }

  /** The same of the photo at a path or an address. */
  of(photo: string): ImageError {
    return new ImageError(this.code, this.reason, { cause: this.cause }, photo);
  }
}

/** What to say where the system lets this process open no more files; undefined for all other errors. */
export function tooManyFiles(error: unknown): CarafeError | undefined {
  if (!(error instanceof Error) || !/\b(EMFILE|ENFILE)\b|[Tt]oo many open files/.test(error.message)) return undefined;
  return new CarafeError(
    'UNREADABLE',
    'Too many files are open: the system does not let this process open more.',
    'Raise the limit, for example with `ulimit -n 1024` in the same terminal, or close other programs, then start it again.',
    { cause: error },
  );
}

/** A CarafeError that has crossed from thread to thread. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
  readonly said: Said;
}

/** @param broke what broke, should the error be a fault of Carafe's: `Extraction broke at cat.jpg` */
export function plainError(error: unknown, broke: string, hint: string): PlainError {
  const known = error instanceof CarafeError ? error : tooManyFiles(error);
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const {
    code,
    what,
    hint: todo,
    said,
  } = known ?? new CarafeError('INTERNAL', message`${messageOf(broke)}: ${reason}`, hint);
  return { code, what, hint: todo, said };
}

export function errorOf({ code, said }: PlainError): CarafeError {
  return new CarafeError(code, said.what, said.hint);
}
