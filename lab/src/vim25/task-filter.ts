import type { Endpoint } from './endpoint.ts';
import { isBelow } from './event-manager.ts';
import type { TaskFilterSpec } from './types.generated.ts';
import { isMoRef, isObject } from './value.ts';
import type { VimObject } from './value.ts';

const timeOf: Readonly<Record<string, string>> = {
  queuedTime: 'queueTime',
  startedTime: 'startTime',
  completedTime: 'completeTime',
};

/** Whether a collector's filter lets a task through: it must pass all that the filter names. */
export function passesTaskFilter(endpoint: Endpoint, info: VimObject, filter: TaskFilterSpec): boolean {
  const { entity, time, userName, state, eventChainId } = filter;
  if (entity) {
    const about = isMoRef(info['entity']) ? info['entity'] : undefined;
    if (!isBelow(endpoint, about, entity.entity, entity.recursion)) return false;
  }
  if (time) {
    const at = info[timeOf[time.timeType] ?? ''];
    // Not started or not completed yet: in no span of time.
    if (!(at instanceof Date)) return false;
    if ((time.beginTime && at < time.beginTime) || (time.endTime && at > time.endTime)) return false;
  }
  if (userName?.userList?.length) {
    const reason = isObject(info['reason']) ? info['reason']['userName'] : undefined;
    if (!userName.userList.some((name) => name === reason)) return false;
  }
  if (state?.length && !state.some((each) => each === info['state'])) return false;
  if (eventChainId?.length && !eventChainId.some((each) => each === info['eventChainId'])) return false;
  // No task here comes of an alarm, a schedule or another task, and none is tagged.
  return !filter.alarm && !filter.scheduledTask && !namesAny(filter);
}

function namesAny({ tag, activationId, parentTaskKey, rootTaskKey }: TaskFilterSpec): boolean {
  return [tag, activationId, parentTaskKey, rootTaskKey].some((names) => names?.length);
}
