import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Access, Rates } from '../../src/serve/access.node.ts';
import { isPrivate } from '../../src/serve/addresses.node.ts';
import { PhotoQueue } from '../../src/serve/queue.ts';

test('no more run than there are slots, in the order of coming, and who leaves takes no place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ leaves: fc.boolean(), fails: fc.boolean(), ticks: fc.integer({ min: 0, max: 4 }) }), {
        maxLength: 20,
      }),
      async (slots, jobs) => {
        const queue = new PhotoQueue(slots, 100);
        const begun: number[] = [];
        let running = 0;
        let most = 0;
        const ends = jobs.map(({ leaves, fails, ticks }, i) => {
          const abort = new AbortController();
          const end = queue.run(
            async () => {
              begun.push(i);
              most = Math.max(most, ++running);
              for (let tick = 0; tick < ticks; tick++) await null;
              running--;
              if (fails) throw new Error('failed');
            },
            { signal: abort.signal },
          );
          if (leaves) abort.abort(new Error('left'));
          return end.then(
            () => 'done',
            (error: Error) => error.message,
          );
        });
        const outcomes = await Promise.all(ends);
        expect(most).toBeLessThanOrEqual(slots);
        expect(begun).toEqual(begun.toSorted((a, b) => a - b));
        for (const [i, { leaves, fails }] of jobs.entries())
          expect(outcomes[i]).toBe(begun.includes(i) ? (fails ? 'failed' : 'done') : leaves ? 'left' : 'never');
        expect([queue.running, queue.waiting]).toEqual([0, 0]);
      },
    ),
  );
});

test('a full queue turns away, and says when to come back', async () => {
  const queue = new PhotoQueue(1, 2);
  const { signal } = new AbortController();
  let end = () => {};
  const blocked = new Promise<void>((resolve) => {
    end = resolve;
  });
  queue.admit();
  const all = Array.from({ length: 3 }, () => queue.run(() => blocked, { signal }));
  expect(() => queue.admit()).toThrow(expect.objectContaining({ code: 'BUSY', headers: { 'retry-after': '1' } }));
  end();
  await Promise.all(all);
  queue.admit();
});

test('a client has its rate on the long run, whatever it tries', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 200 }),
      (rate, waits) => {
        const rates = new Rates(rate);
        let now = 0;
        let taken = 0;
        for (const wait of waits) {
          now += wait;
          try {
            rates.take('a', now);
            taken++;
          } catch {}
        }
        expect(taken).toBeLessThanOrEqual(2 * rate + rate * now + 1e-6);
      },
    ),
  );
});

test('addresses that nobody outside may have the service ask', () => {
  const inside = [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.1.1',
    '0.0.0.0',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'nonsense',
  ];
  for (const address of inside)
    expect({ address, isPrivate: isPrivate(address) }).toEqual({ address, isPrivate: true });
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111']) expect(isPrivate(address)).toBe(false);
});

test('a page by a name that was made to stand for this computer is refused where no key is needed', () => {
  const open = new Access({ keys: [], origins: ['https://a.example/'] });
  const keyed = new Access({ keys: ['k'.repeat(20)], origins: [] });
  expect(() => open.requireOrigin('http://evil.example:8080', 'evil.example:8080')).toThrow('may not');
  expect(() => open.requireOrigin('null', 'localhost:8080')).toThrow('may not');
  open.requireOrigin('http://localhost:8080', 'localhost:8080');
  open.requireOrigin('http://[::1]:8080', '[::1]:8080');
  open.requireOrigin('https://a.example', 'localhost:8080');
  keyed.requireOrigin('https://photos.example', 'photos.example');
  expect(() => keyed.requireOrigin('https://other.example', 'photos.example')).toThrow('may not');
});
