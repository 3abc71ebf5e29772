// Preloaded into a measured process: writes its peak resident memory, in bytes, and the processor time of all its threads,
// in seconds, when it ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(process.env.CARAFE_PEAK, `${maxRSS * 1024} ${(userCPUTime + systemCPUTime) / 1e6}`);
});
