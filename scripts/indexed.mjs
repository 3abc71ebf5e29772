// Types once more with noUncheckedIndexedAccess, for rooms that index what comes from outside. Elsewhere, in loops over
// numbers, the check would find nothing but bounds that the loop itself holds. A room that passes is added here.
import { spawnSync } from 'node:child_process';

const held =
  /^src\/(browser|browserTrain|errors|index|version|(demo|objects|onnx|queue|results|review|runtime|shards|ui|watch)\/.*)\.[a-z]/;
const tsc = ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json', '--noUncheckedIndexedAccess'];
const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: 'utf8', maxBuffer: 2 ** 28 });
const wrong = stdout.split('\n').filter((line) => held.test(line));
if (wrong.length > 0 || (status !== 0 && stdout === '')) {
  console.error(wrong.join('\n'));
  process.exitCode = 1;
}
