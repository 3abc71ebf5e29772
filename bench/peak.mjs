// Preloaded into a measured process: writes its peak resident memory, in bytes, when it ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.CARAFE_PEAK, String(process.resourceUsage().maxRSS * 1024)));
