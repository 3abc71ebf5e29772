/** Options of `carafe edit` alone. */

import { list, option, text } from './option.ts';

export const editOptions = {
  remove: list('--remove <labels>', 'classes to remove: cat,dog (write a comma, + or = inside a label as \\, \\+ \\=)'),
  merge: list('--merge <labels>', 'classes to merge: cat+dog=pet'),
  rename: list('--rename <labels>', 'new names: cat=Cat,dog=Dog'),
  add: list('--add <photos>', 'photos of an old or a new class (knn, prototype): cat=photos/cats'),
  to: option('--to <file>', 'the file to write (next to the old one, -edited.onnx)', text.optional()),
};
