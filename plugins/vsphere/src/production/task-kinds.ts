// Servers name a task by its description id (`VirtualMachine.relocate`), by its method (`RelocateVM_Task`), or both.
export const clone = /clone/i;
export const register = /register/i;
export const rename = /rename/i;
export const relocate = /relocate|migrate/i;
export const powerOn = /powerOn/i;
export const powerOff = /powerOff|shutdown/i;
export const createSnapshot = /createSnapshot/i;
export const revert = /revert/i;
export const removeSnapshot = /(snapshot\.remove|removeSnapshot|consolidate)/i;
export const reconfigure = /reconfig/i;
