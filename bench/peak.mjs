// Preloaded into a measured process: writes its peak resident memory, in bytes, and the processor time of all its threads,
// in seconds, into the file that $CARAFE_PEAK names, when it ends.
import { writeFileSync } from 'node:fs';

const file = process.env.CARAFE_PEAK;
if (file)
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(file, `${maxRSS * 1024} ${(userCPUTime + systemCPUTime) / 1e6}`);
  });
