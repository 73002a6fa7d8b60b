// Servers name a task by its description id (`VirtualMachine.relocate`), by its method (`RelocateVM_Task`), or both.
export const clone = /clone/i;
export const register = /register/i;
export const rename = /rename/i;
export const relocate = /relocate|migrate/i;
export const powerOn = /powerOn/i;
/** On or off. */
export const power = /powerOn|powerOff|shutdown/i;
export const createSnapshot = /createSnapshot/i;
export const revert = /revert/i;
/** Anything that changes the chain: what goes back must not meet what an interrupted step has still under way. */
export const snapshots = /snapshot|consolidate/i;
export const reconfigure = /reconfig/i;
