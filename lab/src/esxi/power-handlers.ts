import type { Call, Handlers } from '../vim25/endpoint.ts';
import { invalidPowerState, VimFault } from '../vim25/fault.ts';
import { vmOf } from './house.ts';
import type { House, Vm } from './house.ts';
import { powerOn, SECONDS, startVmTask, stopRun } from './power.ts';
import { answerQuestion } from './question.ts';
import { touchVm } from './virtual-machines.ts';

export function powerHandlers(house: House): Handlers {
  const { endpoint } = house;

  const requireTools = (vm: Vm) => {
    if (vm.power !== 'poweredOn') throw invalidPowerState('poweredOff', vm.power);
    if (!vm.areToolsRunning) {
      throw new VimFault('ToolsUnavailable', {}, 'Cannot complete operation because VMware Tools is not running.');
    }
  };

  const whenShutDown = async (vm: Vm, then: () => Promise<void>) => {
    const { run } = vm;
    await house.clock.pass(SECONDS.shutdown);
    if (vm.power === 'poweredOn' && vm.run === run) await then();
  };

  const recordAfter = async (call: Call, vm: Vm, work: Promise<void>) => {
    await work;
    endpoint.record(call, true, vm.name);
  };

  return {
    PowerOnVM_Task: (call) => {
      const vm = vmOf(house, call.self.ref);
      return startVmTask(house, call, vm, (progress) => recordAfter(call, vm, powerOn(house, vm, progress)), {
        isCancelable: true,
      });
    },
    PowerOffVM_Task: (call) => {
      const vm = vmOf(house, call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        if (vm.power === 'poweredOff') throw invalidPowerState('poweredOff', vm.power);
        await progress.spend(SECONDS.powerOff);
        await stopRun(house, vm);
        endpoint.record(call, true, vm.name);
      });
    },
    ResetVM_Task: (call) => {
      const vm = vmOf(house, call.self.ref);
      return startVmTask(house, call, vm, async (progress) => {
        if (vm.power !== 'poweredOn') throw invalidPowerState('poweredOn', vm.power);
        await progress.spend(SECONDS.powerOff);
        await stopRun(house, vm);
        await powerOn(house, vm, progress);
        endpoint.record(call, true, vm.name);
      });
    },
    ShutdownGuest: (call) => {
      const vm = vmOf(house, call.self.ref);
      endpoint.tasks.refuseBusy([vm.ref]);
      requireTools(vm);
      endpoint.record(call, true, vm.name);
      void whenShutDown(vm, () => stopRun(house, vm));
    },
    RebootGuest: (call) => {
      const vm = vmOf(house, call.self.ref);
      requireTools(vm);
      vm.areToolsRunning = false;
      touchVm(house, vm);
      endpoint.record(call, true, vm.name);
      void whenShutDown(vm, async () => {
        vm.areToolsRunning = true;
        touchVm(house, vm);
      });
    },
    AnswerVM: (call, { questionId, answerChoice }) => {
      const vm = vmOf(house, call.self.ref);
      answerQuestion(vm, questionId, answerChoice);
      endpoint.record(call, true, vm.name, { answerChoice });
    },
  };
}
