// Burns some time of the processor for each question, the more the larger the number it is started with.
import { createHash } from 'node:crypto';
import { ready } from '../answers.ts';

const thousands = Number(process.argv[2]);

ready({
  work: (times: number) => {
    let text = 'toy';
    for (let n = 0; n < times * thousands * 1000; n += 1) text = createHash('sha1').update(text).digest('hex');
    return text;
  },
  fail: () => {
    throw new Error('asked to fail');
  },
});
