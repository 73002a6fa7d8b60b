import { expect, test } from 'vitest';
import { readXml } from '../soap/read-xml.ts';
import { readQuestion } from './questions.ts';

const question = (messageId: string, labels: readonly string[]) =>
  readXml(
    `<val><id>q-1</id><text>What now?</text><choice>${labels
      .map(
        (label, index) => `<choiceInfo><label>${label}</label><summary>s</summary><key>${index + 5}</key></choiceInfo>`,
      )
      .join('')}<defaultIndex>0</defaultIndex></choice><message><id>${messageId}</id><text>t</text></message></val>`,
  );
const choices = ['button.uuid.cancel', 'button.uuid.movedTheVM', 'button.uuid.copiedTheVM'];

test('a machine that was moved is said to have been, by the key of that label', () => {
  expect(readQuestion(question('msg.uuid.altered', choices))).toEqual({ id: 'q-1', text: 'What now?', choice: '6' });
  expect(readQuestion(question('msg.uuid.altered', choices.toReversed()))?.choice).toBe('6');
  expect(readQuestion(question('msg.uuid.altered', ['a', 'b', 'c', ...choices]))?.choice).toBe('9');
});

test('nobody guesses the answer to another question, or one without the known choice', () => {
  expect(readQuestion(question('msg.disk.noSpace', ['button.retry', 'button.abort']))).toEqual({
    id: 'q-1',
    text: 'What now?',
  });
  expect(readQuestion(question('msg.uuid.altered', ['button.uuid.cancel']))).not.toHaveProperty('choice');
});

test('no question is none', () => {
  expect(readQuestion(undefined)).toBeUndefined();
  expect(readQuestion(readXml('<val/>'))).toBeUndefined();
});
