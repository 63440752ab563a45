// Answers on their way: each is on this device before it is sent, and leaves it when it is graded.
// While the school is away they wait. One tab at a time sends them, every tab hears what they were
// told. Each has an id by which the school grades it once, however often it comes.
import { all, put, recall, remove } from './store.js';
import { Away, alone, becomeLearner, learner, send, session, signedOut } from './school.js';

const PATIENCE = 30_000; // ms for an answer to be graded, with all that is said to it
const FIRST_WAIT = 2000, LONGEST_WAIT = 30_000;

export const events = new EventTarget();
const tabs = globalThis.BroadcastChannel ? new BroadcastChannel('lyceum-answers') : null;
const tell = (type, detail) => { events.dispatchEvent(new CustomEvent(type, { detail })); };
const tellAll = (type, detail) => { tell(type, detail); tabs?.postMessage({ type, detail }); };
tabs?.addEventListener('message', ({ data }) => tell(data.type, data.detail));

/** How it stands: "here", "away", or "out" (signed out, or somebody else is in). */
export let standing = 'here';
function stand(how) {
  standing = how;
  tell('standing', how);
}

const mine = (row) => row.learner === learner();
// What is on its way from a page that is open needs no second sender yet.
const waits = (row) => !row.refused && (row.kept || Date.now() - row.answered_at > PATIENCE + 5000);
const byTime = (a, b) => a.answered_at - b.answered_at;

/** This learner's answers that wait, oldest first. */
export const waiting = async () => (await all()).filter((row) => mine(row) && waits(row)).sort(byTime);
/** Those that the school will never grade, and those of other learners. */
export const refused = async () => (await all()).filter((row) => mine(row) && row.refused);
export const others = async () => (await all()).filter((row) => !mine(row));
export async function drop(rows) {
  for (const row of rows) await remove(row.id);
  tellAll('changed');
}

// What a visitor answered is of whom they became.
async function takeVisitors() {
  await becomeLearner();
  if (learner() !== await recall('visitor')) return;
  for (const row of await all()) if (row.learner === 0) await put({ ...row, learner: learner() });
}

// Sent as whose it is; the school gives it to nobody else.
async function deliver(row) {
  await put({ ...row, tries: (row.tries ?? 0) + 1 });
  const { id, learner: whose, exercise, seed, answer, answered_at } = row;
  const got = await send(`/api/exercises/${encodeURIComponent(exercise)}/attempts`,
    { id, learner: whose, answer, seed, answered_at, sent_at: Date.now() }, { patience: PATIENCE });
  const result = await got.json().catch(() => { throw new Away(''); });
  await remove(id);
  tellAll('graded', { row, result });
  return result;
}

const later = (trouble) => trouble instanceof Away || trouble.status === 401 || trouble.status === 403;

async function wait(row, trouble) {
  await put({ ...row, kept: true, tries: (row.tries ?? 0) + (trouble ? 1 : 0) });
  stand(trouble && !(trouble instanceof Away) ? 'out' : standing === 'out' ? 'out' : 'away');
  tellAll('changed');
  navigator.storage?.persist?.().catch(() => {});
  again();
  return null;
}

/** Sends an answer: what it was told, or null when it waits on this device. Fails when it can never be graded. */
export async function answer(exercise, seed, given) {
  const row = { id: crypto.getRandomValues(new Uint32Array(4)).join('-'), learner: learner(), exercise, seed, answer: given,
    answered_at: Date.now() };
  // Who thinks better of it before it has left the device has given one answer.
  for (const old of await all()) {
    if (old.learner === row.learner && old.exercise === exercise && old.seed === seed && old.kept && !old.tries) await remove(old.id);
  }
  await put(row);
  if (standing === 'away') { flush(); return wait(row); }
  try {
    if (!row.learner) { await takeVisitors(); row.learner = learner(); }
    const result = await deliver(row);
    stand('here');
    return result;
  } catch (trouble) {
    if (later(trouble)) return wait(row, trouble);
    await remove(row.id);
    throw trouble;
  }
}

// ------------------------------------------------------------------------------------ sending again

let timer = null, pause = FIRST_WAIT;
function again(at) {
  clearTimeout(timer);
  timer = setTimeout(() => { pause = Math.min(pause * 2, LONGEST_WAIT); flush(); }, at ?? pause * (0.8 + 0.4 * Math.random()));
}

async function sendRow(row) {
  try {
    await deliver(row);
    return true;
  } catch (trouble) {
    if (trouble.status === 500) return false; // this one alone: the others go on, it is tried again
    if (later(trouble)) throw trouble;
    await put({ ...row, refused: trouble.message || String(trouble.status) });
    return false;
  }
}

let doubt = false;
async function sendAll() {
  if (!doubt && standing === 'here' && !(await waiting()).length) return;
  const known = await session();
  doubt = false;
  if (learner() && known !== learner()) throw signedOut();
  stand('here');
  if (learner() || (await waiting()).length) await takeVisitors();
  let sent = 0;
  for (const row of await waiting()) sent += await sendRow(row);
  pause = FIRST_WAIT;
  if (sent) tellAll('sent', sent);
  tellAll('changed');
}

/** Tries to send what waits. */
export async function flush() {
  clearTimeout(timer);
  try {
    await (navigator.locks ? navigator.locks.request('lyceum-queue', { ifAvailable: true }, (lock) => lock && sendAll()) : sendAll());
  } catch (trouble) {
    if (trouble.status !== 429) stand(trouble instanceof Away ? 'away' : 'out');
    tell('changed');
    if (trouble instanceof Away) again(trouble.wait || undefined);
    return;
  }
  if ((await waiting()).length || standing === 'away') again();
}

/** Whether the school answers; learns it for all that is shown. */
export async function probe() {
  doubt = true;
  await flush();
}

// Another tab has sent: the school is here.
tabs?.addEventListener('message', ({ data }) => { if (data.type === 'graded') { pause = FIRST_WAIT; stand('here'); } });

for (const [place, name] of [[window, 'online'], [window, 'focus'], [document, 'visibilitychange'], [window, 'pageshow']])
  place.addEventListener(name, () => { if (!document.hidden && standing !== 'here') { pause = FIRST_WAIT; flush(); } });
