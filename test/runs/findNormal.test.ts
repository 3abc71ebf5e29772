import { describe, expect, test } from 'vitest';
import { findNormal } from '../../src/runs/findNormal.ts';
import { folderLayout } from '../../src/sets/folderLayout.ts';
import { type FindOptions, imageSet } from '../../src/sets/imageSet.ts';

/** As a folder of these paths would be found. */
const platform = (paths: readonly string[], source = 'photos') => ({
  findImageSet: async (_: string, options: FindOptions) => {
    const layout = folderLayout(paths, { ...options, groupBy: undefined, source });
    return imageSet(
      source,
      layout.items.map((item) => ({ ...item, file: item.path })),
    );
  },
});
const found = async (paths: readonly string[], options: Parameters<typeof findNormal>[1] = {}, source = 'photos') => {
  const { set, label } = await findNormal(source, options, platform(paths, source));
  return {
    label,
    rows: set.items.map(({ path, split }) => (split ? `${path} ${split}` : path)),
    notes: set.notes ?? [],
  };
};

const mvtec = ['train/good/1.png', 'test/good/2.png', 'test/crack/3.png', 'ground_truth/crack/3.png'];

describe('which photos are normal', () => {
  test("MVTec's layout needs no flag", async () => {
    const expected = {
      label: 'good',
      rows: ['test/crack/3.png test', 'test/good/2.png test', 'train/good/1.png train'],
    };
    expect(await found(mvtec)).toMatchObject(expected);
    expect(await found(mvtec, { normal: 'good' })).toMatchObject(expected);
    expect(await found(mvtec.slice(0, 3).map((path) => `bottle/${path}`))).toMatchObject({ label: 'good' });
    expect(await found(mvtec.map((path) => path.replaceAll('good', 'ok')))).toMatchObject({ label: 'ok' });
  });

  test('one class is the normal one', async () => {
    expect((await found(['good/1.png', 'good/2.png'])).label).toBe('good');
  });

  test('with several it must be named', async () => {
    await expect(found(['bad/1.png', 'good/2.png'])).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining("`normal: 'good'`;"),
    });
    await expect(found(['train/ants/1.png', 'train/bees/2.png', 'test/ants/3.png'])).rejects.toMatchObject({
      hint: expect.stringContaining("`normal: 'ants'`;"),
    });
    await expect(found(mvtec, { normal: 'fine' })).rejects.toMatchObject({
      what: "`normal: 'fine'`: photos has no such class.",
    });
    await expect(found(['good/1.png'], {}, 'list.csv')).rejects.toMatchObject({
      what: expect.stringContaining('is a list'),
    });
  });

  test('other classes outside the test part are left out, and told', async () => {
    const { rows, notes } = await found([...mvtec, 'train/crack/9.png'], { normal: 'good' });
    expect(rows).not.toContain('train/crack/9.png train');
    expect(notes[0]).toContain('1 photo of other classes outside the test part');
  });

  test('a test part without normal photos cannot be judged by alone: the split is not kept', async () => {
    const { rows, notes } = await found(['train/good/1.png', 'test/crack/2.png']);
    expect(rows).toEqual(['test/crack/2.png', 'train/good/1.png']);
    expect(notes[0]).toContain('The test part has no normal photos');
    expect((await found(mvtec, { ignoreSplit: true, normal: 'good' })).rows.join()).not.toContain(' test');
    await expect(found(['train/crack/1.png', 'test/good/2.png'], { normal: 'good' })).rejects.toMatchObject({
      what: "The set's own split leaves no photo of 'good' to learn from.",
    });
  });
});
