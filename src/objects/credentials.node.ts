/** Who asks a bucket: from the environment, or as the AWS tools find it. */

import * as z from 'zod';
import { CarafeError } from '../errors.ts';

const credentials = z.object({
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().optional(),
  expiration: z.date().optional(),
});

export type Credentials = z.output<typeof credentials>;

/** The part of `@aws-sdk/credential-provider-node` that is used; it may be installed or not. */
const provider = z.object({
  defaultProvider: z.function({ input: [], output: z.function({ input: [], output: z.promise(z.unknown()) }) }),
});

/** Renewed so many milliseconds before they end. */
const early = 5 * 60_000;

/**
 * Gives credentials, renewed in time: from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, else by
 * `@aws-sdk/credential-provider-node` where that is installed (profiles, SSO, roles of machines and containers).
 */
export function credentialSource(env: NodeJS.ProcessEnv = process.env): () => Promise<Credentials> {
  let known: Credentials | undefined;
  let provide: (() => Promise<unknown>) | undefined;
  return async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
    if (accessKeyId && secretAccessKey)
      return { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN || undefined };
    if (known && (!known.expiration || known.expiration.getTime() - Date.now() > early)) return known;
    provide ??= await awsProvider();
    try {
      known = credentials.parse(await provide());
      return known;
    } catch (error) {
      throw missing(error);
    }
  };
}

async function awsProvider(): Promise<() => Promise<unknown>> {
  // Named in a variable, since it is not a dependency: who has no profiles or roles does without its 16 MB.
  const name = '@aws-sdk/credential-provider-node';
  try {
    return provider.parse(await import(name)).defaultProvider();
  } catch (error) {
    throw missing(error);
  }
}

function missing(cause: unknown): CarafeError {
  return new CarafeError(
    'UNREADABLE',
    'There are no credentials for s3:// addresses.',
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or, for profiles, SSO and roles, `npm install @aws-sdk/credential-provider-node` beside Carafe.',
    { cause },
  );
}
