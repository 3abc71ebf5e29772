import { afterAll } from 'vitest';

// Files share a process (vitest.config.ts): what one sets in the environment, and where it works, is gone after it. The object stays
// what it is, since worker threads copy the environment of the process, not one that stands in its place.
const [env, folder] = [{ ...process.env }, process.cwd()];
afterAll(() => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(folder);
});
