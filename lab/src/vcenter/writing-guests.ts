import type { House } from '../esxi/house.ts';
import { writeFromGuest } from '../esxi/power.ts';
import { VimFault } from '../vim25/fault.ts';

/**
 * Lets every guest that is up write to its disks, again and again, numbered from 1 in each of its runs: a write that is
 * missing or there twice shows. Returns how to stop it.
 */
export function letGuestsWrite(house: House, everySeconds: number): () => void {
  const stop = new AbortController();
  const written = new Map<string, number>();
  const writeOnce = () => {
    for (const vm of house.vms.values()) {
      if (!vm.areToolsRunning || vm.config.guestId.startsWith('vmkernel')) continue;
      const key = `${vm.ref.id} ${vm.run}`;
      const n = (written.get(key) ?? 0) + 1;
      try {
        writeFromGuest(house, vm, `write ${n} of run ${vm.run}`);
        written.set(key, n);
      } catch (error) {
        // A guest whose storage is gone waits for it.
        if (!(error instanceof VimFault)) throw error;
      }
    }
  };
  const goOn = async () => {
    while (!stop.signal.aborted) {
      await house.clock.pass(everySeconds, stop.signal).catch(() => undefined);
      if (!stop.signal.aborted) writeOnce();
    }
  };
  void goOn();
  return () => stop.abort();
}
