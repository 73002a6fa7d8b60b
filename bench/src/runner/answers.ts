export interface Question {
  id: number;
  question: string;
  argument?: unknown;
}

export interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

export type Answers = Readonly<Record<string, (argument: never) => unknown>>;

/** Answers the questions of the process that started this one, beside whatever else this process does. */
export function answer(answers: Answers): void {
  process.on('message', (message) => {
    // Only `startProgram` is at the other end.
    const { id, question, argument } = message as Question;
    const answerTo = answers[question];
    if (!answerTo) return;
    void (async () => answerTo(argument as never))().then(
      (value) => process.send?.({ id, value } satisfies Answer),
      (error: unknown) => process.send?.({ id, error: error instanceof Error ? String(error.stack) : String(error) }),
    );
  });
}

/** For a program's last line: it is up, and answers for as long as its parent lives. */
export function ready(answers: Answers): void {
  answer(answers);
  process.channel?.ref();
  // An orderly end, so that a profile is written.
  process.once('SIGTERM', () => process.exit());
  process.send?.('ready');
}
