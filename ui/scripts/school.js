// Speaking with the school: JSON calls, turns as streams of events, and who it is that speaks.
import { note, recall } from './store.js';
import { word } from './words.js';

export class Trouble extends Error {}
/** The school does not answer, or not now. */
export class Away extends Trouble {}

/** The learner whose page this is, by number; 0: a visitor. */
export const learner = () => Number(document.documentElement.dataset.learner ?? 0);

export async function send(path, body, { method = 'POST', patience } = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method, credentials: 'same-origin', signal: patience ? AbortSignal.timeout(patience) : undefined,
      ...(method === 'GET' ? { cache: 'no-store' } : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body ?? {}) }),
    });
  } catch {
    throw new Away('');
  }
  if (answer.ok) return answer;
  const fault = await answer.json().catch(() => ({}));
  const { say, message, remedy } = fault.error ?? {};
  const kind = answer.status >= 500 || answer.status === 429 ? Away : Trouble;
  const trouble = new kind(say ?? [message, remedy].filter(Boolean).join(' '));
  trouble.status = answer.status;
  trouble.wait = 1000 * Number(answer.headers.get('Retry-After') ?? 0);
  throw trouble;
}

/** Who is signed in in this browser: 0 is nobody. Fails when the school is away. */
export const session = async () => (await (await send('/api/session', null, { method: 'GET', patience: 5000 })).json()).learner;

/** One at a time in all tabs; without locks, in this one. */
export const alone = (name, act) => (navigator.locks ? navigator.locks.request(name, act) : act());

/**
 * A visitor becomes a learner with the first thing that they do: once for all tabs. Who was a
 * learner when the page was made, and is none any more, is not made another one.
 */
export async function becomeLearner() {
  if (learner()) return;
  await alone('lyceum-visitor', async () => {
    const known = await session();
    if (known && known !== await recall('visitor')) throw signedOut();
    const id = known || (await (await send('/api/learners')).json()).id;
    await note('visitor', id);
    document.documentElement.dataset.learner = id;
  });
}

export function signedOut() {
  const trouble = new Trouble(word('signed_out'));
  trouble.status = 401;
  return trouble;
}

async function asLearner(path, body) {
  await becomeLearner();
  try {
    return await send(path, body);
  } catch (trouble) {
    throw trouble.status === 401 ? signedOut() : trouble;
  }
}

export const post = async (path, body) => (await asLearner(path, body)).json();

/** Calls `onSay` for each sentence as it arrives; resolves when the turn has ended. */
export async function turn(body, onSay) {
  const answer = await asLearner('/api/turns', body);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '', ended = null;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) {
        const name = /^event: (.*)$/m.exec(event)?.[1];
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (name === 'say') onSay(JSON.parse(data));
        if (name === 'end') ended = JSON.parse(data);
      }
    }
  } catch {
    ended = null;
  }
  if (!ended) throw new Trouble('');
  if (ended.error) throw new Trouble(ended.error.say ?? ended.error.message);
}
