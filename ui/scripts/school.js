// Speaking with the school: JSON calls, and turns as streams of events.

export class Trouble extends Error {}

let learner = document.querySelector('article')?.dataset.learner === 'yes';

async function send(path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method: 'POST', credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body ?? {}),
    });
  } catch {
    throw new Trouble('');
  }
  if (answer.ok) return answer;
  const fault = await answer.json().catch(() => ({}));
  const trouble = new Trouble([fault.error?.message, fault.error?.remedy].filter(Boolean).join(' '));
  trouble.status = answer.status;
  throw trouble;
}

// A visitor becomes a learner with the first thing that they do.
async function asLearner(path, body) {
  if (!learner) {
    await send('/api/learners');
    learner = true;
  }
  try {
    return await send(path, body);
  } catch (trouble) {
    if (trouble.status !== 401) throw trouble;
    await send('/api/learners');
    return send(path, body);
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
  if (ended.error) throw new Trouble(ended.error.message);
}
