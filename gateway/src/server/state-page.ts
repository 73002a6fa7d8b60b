import { failoverTransitions, failoverVmTransitions, finalPhases } from '../failovers/failover.ts';
import { protectedVmTransitions, testTransitions } from '../protected-vms/protected-vm.ts';
import { targetTransitions } from '../targets/target.ts';

interface Machine {
  title: string;
  about: string;
  transitions: Readonly<Partial<Record<string, readonly string[]>>>;
  first: string;
}

const machines: readonly Machine[] = [
  {
    title: 'ReplicationTarget.state',
    about: 'Its health is told apart, in `health` and `conditions`.',
    transitions: targetTransitions,
    first: 'REQUESTED',
  },
  {
    title: 'ProtectedVm.state',
    about: 'As whoever looks at the machine sees it, whatever run it is in.',
    transitions: protectedVmTransitions,
    first: 'DISCOVERED',
  },
  {
    title: 'ProtectedVm.testState',
    about: 'Where its test stands; the machine’s own state says nothing of it.',
    transitions: testTransitions,
    first: 'NONE',
  },
  {
    title: 'Failover.phase',
    about: `Over in ${finalPhases.map((phase) => `\`${phase}\``).join(', ')}. LIVE and PAUSED wait for a person, or for a clock.`,
    transitions: failoverTransitions,
    first: 'QUEUED',
  },
  {
    title: 'FailoverVm.state',
    about: 'One machine’s part in a run. What fails pauses its own machine; the others go on.',
    transitions: failoverVmTransitions,
    first: 'WAITING',
  },
];

/** The state machines as a page of Markdown, drawn from the tables that enforce them: `docs/states.md`. */
export function printStatePage(): string {
  return [
    '# States',
    '',
    '<!-- Printed from the transitions in gateway/src; a test compares. -->',
    '',
    'What each object may become. A change that is not drawn here is refused by the one function that makes such changes,',
    'whoever asks for it. What a caller may do now follows from the state and is told by `allowedOperations`, with reasons.',
    ...machines.flatMap(({ title, about, transitions, first }) => [
      '',
      `## ${title}`,
      '',
      about,
      '',
      '```mermaid',
      'stateDiagram-v2',
      `  [*] --> ${first}`,
      ...Object.entries(transitions).flatMap(([from, into]) => (into ?? []).map((to) => `  ${from} --> ${to}`)),
      ...endsOf(transitions).map((state) => `  ${state} --> [*]`),
      '```',
    ]),
    '',
  ].join('\n');
}

/** States that something leads to, and that nothing leaves. */
function endsOf(transitions: Machine['transitions']): string[] {
  const reached = new Set(Object.values(transitions).flatMap((into) => into ?? []));
  return [...reached].filter((state) => (transitions[state] ?? []).length === 0);
}
