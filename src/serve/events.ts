/** What a service says of itself while it runs. */

/** A request that was answered. Holds no photo, no file name and no key. */
export interface RequestEvent {
  readonly event: 'request';
  /** As the client named it in `x-request-id`, or drawn. */
  readonly id: string;
  readonly method: string;
  /** The address as a pattern: `/v1/models/:name/predict`. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  /** The trace that the request belongs to (W3C Trace Context), where it said so. */
  readonly trace?: string | undefined;
  /** The code of an error. */
  readonly code?: string | undefined;
}

export type ServeEvent =
  | RequestEvent
  | { readonly event: 'listening'; readonly address: string }
  /** A classifier that passed its self-test and answers from now on. */
  | {
      readonly event: 'loaded';
      readonly model: string;
      readonly version: string;
      readonly accuracy: number | undefined;
      readonly canary: boolean;
      readonly seconds: number;
    }
  /** A file that was not taken; what answered before goes on. */
  | { readonly event: 'refused'; readonly model: string; readonly reason: string }
  | { readonly event: 'removed'; readonly model: string }
  | { readonly event: 'warning'; readonly reason: string }
  /** A fault of the service, of which the client was told nothing but the id. */
  | { readonly event: 'fault'; readonly id: string; readonly reason: string }
  | { readonly event: 'draining' };
