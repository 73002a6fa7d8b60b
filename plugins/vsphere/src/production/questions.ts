import { PluginError, type PluginCall } from '@bulkhead/plugin-sdk';
import { all, at, textAt, type MoRef, type XmlElement } from '../soap/element.ts';
import type { VimSession } from '../session/session.ts';
import { isFault } from '../session/vim-fault.ts';

/** Questions whose answer is known, by message id, with the label of the answer. */
const answers: Readonly<Record<string, string>> = {
  // A failed-over machine was moved: it keeps its BIOS UUID and MACs, which its licences and its network know.
  'msg.uuid.altered': 'button.uuid.movedTheVM',
};

export interface Question {
  readonly id: string;
  readonly text: string;
  /** The choice to send; absent when only a person can know. */
  readonly choice?: string;
}

/** Reads `runtime.question`. */
export function readQuestion(question: XmlElement | undefined): Question | undefined {
  const id = textAt(question, 'id');
  if (id === undefined) return undefined;
  const label = all(question, 'message')
    .map((message) => answers[textAt(message, 'id') ?? ''])
    .find((known) => known !== undefined);
  // By label: the keys are numbers that differ between releases.
  const choice = all(at(question, 'choice'), 'choiceInfo').find((info) => textAt(info, 'label') === label);
  const key = label === undefined ? undefined : textAt(choice, 'key');
  return { id, text: textAt(question, 'text') ?? '', ...(key === undefined ? {} : { choice: key }) };
}

/** Answers a question whose answer is known. @throws PluginError `conflict` for any other: nobody guesses. */
export async function answer(session: VimSession, vm: MoRef, question: Question, call: PluginCall): Promise<void> {
  if (question.choice === undefined)
    throw new PluginError(
      'conflict',
      'The machine waits for an answer that only the provider can give.',
      `${vm.value} asks (${question.id}): ${question.text}`,
    );
  call.log.info({ vm: vm.value, question: question.id, choice: question.choice }, 'answering a known question');
  try {
    await session.call('AnswerVM', vm, { questionId: question.id, answerChoice: question.choice }, call);
  } catch (error) {
    // Someone answered first; the state is looked at again anyway.
    if (!isFault(error, 'ConcurrentAccess', 'InvalidArgument')) throw error;
  }
}
