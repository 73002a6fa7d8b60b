import { randomInt } from 'node:crypto';

// Without the letters and digits that people take for each other, and with signs that no shell or URL gives a meaning.
const classes = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnpqrstuvwxyz', '23456789', '-_.+='] as const;
const alphabet = classes.join('');

/** A password of 24 characters with at least one of each class: some 139 bits, and no backend's rules refuse it. */
export function newPassword(length = 24): string {
  const characters = classes.map(pick);
  while (characters.length < length) characters.push(pick(alphabet));
  // A fair shuffle: the first four would else give away their class.
  for (let index = characters.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1);
    const [one, two] = [characters[index], characters[other]];
    if (one !== undefined && two !== undefined) [characters[index], characters[other]] = [two, one];
  }
  return characters.join('');
}

function pick(from: string): string {
  return from.charAt(randomInt(from.length));
}
