import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { feedbackRoutes } from '../../src/serve/feedbackRoutes.node.ts';
import { kserveRoutes } from '../../src/serve/kserve.node.ts';
import { modelRoutes } from '../../src/serve/modelRoutes.node.ts';
import { openapi, operations } from '../../src/serve/openapi.node.ts';
import { pageRoutes } from '../../src/serve/pageRoutes.node.ts';
import { docsPage } from '../../src/serve/pages.node.ts';
import { predictRoutes } from '../../src/serve/predictRoutes.node.ts';
import type { Env, Service } from '../../src/serve/service.node.ts';
import { tensorflowRoutes } from '../../src/serve/tensorflow.node.ts';

test('the description has every address, and no other', () => {
  const app = new Hono<Env>();
  // Routes look at the service when they are asked.
  const service = {} as Service;
  for (const add of [modelRoutes, predictRoutes, kserveRoutes, tensorflowRoutes, feedbackRoutes]) add(app, service);
  pageRoutes(app);
  const served = app.routes
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    // The script of a page, and addresses whose last word is a call.
    .filter((route) => !route.endsWith('/try.js') && !route.endsWith('/{call}'));
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const calls = described.filter((route) => /:(predict|classify)$/.test(route));
  expect(calls).toHaveLength(4);
  expect(described.filter((route) => !calls.includes(route)).sort()).toEqual([...new Set(served)].sort());
});

test('it is made from the schemas, and the page says the same', () => {
  const made = JSON.parse(JSON.stringify(openapi()));
  expect(made.openapi).toBe('3.1.0');
  const predict = made.paths['/v1/predict'].post;
  expect(predict.parameters.map(({ name }: { name: string }) => name)).toEqual([
    'top',
    'features',
    'heatmap',
    'set',
    'threshold',
  ]);
  expect(Object.keys(predict.requestBody.content)).toContain('application/x-ndjson');
  expect(JSON.stringify(predict.responses)).toContain('unknownScore');
  const page = docsPage();
  for (const { path } of operations) expect(page).toContain(path);
});
