// Loaded before a measured program, whatever that is: it tells what the process has used, and ends it with its parent.
import { answer } from './answers.ts';

answer({
  meter: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() };
  },
});
process.once('disconnect', () => process.exit());
// By itself the meter keeps nothing alive.
process.channel?.unref();
