// Between the pages and the school: keeps what was read, and shows it while the school is away.
// The school puts VERSION and FILES (addresses of styles, scripts and fonts) before this text.
// Answers do not pass through here: scripts/queue.js keeps those.

const SHELL = `lyceum-${VERSION}-shell`;
const ABOUT = `lyceum-${VERSION}-about`;
const pagesOf = (learner) => `lyceum-${VERSION}-learner-${learner}`;
const PATIENCE = 3000; // ms that a page may take before the kept one is shown
const FRESH = 30 * 60_000; // ms for which a course counts as kept
const AWAY = '/away', DUE = '/practice/due';

const kept = /^\/$|^\/progress$|^\/away$|^\/practice\/due$|^\/courses\/[^/]+\/lessons\/[^/]+$/;
const figure = /^\/courses\/[^/]+\/files\//;

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const shell = await caches.open(SHELL);
    await shell.addAll(FILES);
    // As everybody sees it: a learner's own copy is kept with their pages.
    await shell.add(new Request(AWAY, { credentials: 'omit' }));
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys())
      if (name.startsWith('lyceum-') && !name.startsWith(`lyceum-${VERSION}-`)) await caches.delete(name);
    await self.clients.claim();
  })());
});

// ------------------------------------------------------------------------------------ whose pages

// What is remembered between two lives of this worker: a name, and any JSON.
async function recall(name) {
  const found = await (await caches.open(ABOUT)).match(`/about/${name}`);
  return found ? found.json() : null;
}
const note = async (name, value) => (await caches.open(ABOUT)).put(`/about/${name}`, new Response(JSON.stringify(value)));

async function forget(keepLearner) {
  for (const name of await caches.keys())
    if (name.startsWith('lyceum-') && name.includes('-learner-') && name !== pagesOf(keepLearner)) await caches.delete(name);
  const about = await caches.open(ABOUT);
  for (const request of await about.keys()) await about.delete(request);
}

// Pages of the learner before are gone as soon as the school has shown one to another.
async function meet(learner) {
  if (learner === null || await recall('learner') === learner) return;
  await forget(learner);
  await note('learner', learner);
}

const whose = (html) => { const found = /<html[^>]* data-learner="(\d+)"/.exec(html); return found ? Number(found[1]) : null; };
const tongue = (html) => /<html[^>]* lang="([^"]+)"/.exec(html)?.[1] ?? '';

// --------------------------------------------------------------------------------------- keeping

const isPage = (answer) => answer.ok && (answer.headers.get('Content-Type') ?? '').startsWith('text/html');
const placeOf = (url) => new URL(url, self.location).pathname;

async function keepFigures(cache, html) {
  const found = new Set([...html.matchAll(/(?:src|href|data)="(\/courses\/[^"]+\/files\/[^"#?]+)"/g)].map((one) => one[1]));
  for (const address of found) {
    const answer = await fetch(address, { credentials: 'same-origin' }).catch(() => null);
    if (answer?.ok) await cache.put(address, answer);
  }
}

// Under the address alone: a page in another language takes the place of the one before. Gives whose
// page it was, and its language.
async function keep(url, answer, figures) {
  const html = await answer.clone().text();
  const learner = whose(html);
  await meet(learner);
  if (learner === null) return { learner };
  const cache = await caches.open(pagesOf(learner));
  await cache.put(placeOf(url), new Response(html, { headers: { 'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': answer.headers.get('Content-Security-Policy') ?? "default-src 'none'" } }));
  if (figures) await keepFigures(cache, html);
  return { learner, language: tongue(html) };
}

async function keptPlaces() {
  const learner = await recall('learner');
  const pages = learner === null ? [] : await (await caches.open(pagesOf(learner))).keys();
  return pages.map((page) => placeOf(page.url)).filter((place) => kept.test(place));
}

// `ended()` is whether it is no longer wanted. Behind a switch of language all that is kept is renewed;
// until that is done no language is noted, so that a run that was broken off is begun again.
async function keepAll({ group, urls, language, anew }, ended) {
  const mark = `group/${encodeURIComponent(group)}`;
  const before = await recall(mark), switched = await recall('language') !== language;
  if (!anew && !switched && before?.language === language && Date.now() - before.at < FRESH) return;
  if (switched) await note('language', null);
  const learners = new Set(), languages = new Set();
  for (const url of new Set([...urls.map(placeOf), ...switched ? await keptPlaces() : []])) {
    if (!kept.test(url)) continue;
    const answer = await fetch(url, { credentials: 'same-origin' }).catch(() => null);
    if (!answer || ended()) return; // away again: the next visit goes on
    if (!isPage(answer)) continue;
    const page = await keep(url, answer, true);
    learners.add(page.learner);
    languages.add(page.language);
  }
  // Where somebody signed in or out, or switched the language, on the way, the next page begins anew.
  if (learners.size !== 1 || !learners.has(await recall('learner')) || languages.size !== 1 || !languages.has(language)) return;
  await note(mark, { language, at: Date.now() });
  if (switched) await note('language', language);
}

// One run after the other: of two at once the one that began first could end last, and leave pages of
// before. Whoever signs out waits for none: what was to be kept is not wanted any more.
let running = Promise.resolve(), n_forgotten = 0;
const inTurn = (act) => { running = running.then(act, act); return running; };

self.addEventListener('message', (event) => {
  const { keep: wanted, forget: all } = event.data ?? {};
  const before = n_forgotten;
  if (wanted) event.waitUntil(inTurn(() => (before === n_forgotten ? keepAll(wanted, () => before !== n_forgotten) : undefined)));
  if (all) {
    n_forgotten += 1;
    event.waitUntil(inTurn(() => forget(null)).then(() => event.ports[0]?.postMessage('done')));
  }
});

// --------------------------------------------------------------------------------------- showing

async function keptPage(url) {
  const learner = await recall('learner');
  const cache = learner === null ? null : await caches.open(pagesOf(learner));
  const place = placeOf(url);
  return (await cache?.match(place)) ?? (/^\/practice/.test(place) ? await cache?.match(DUE) : undefined);
}

async function awayPage() {
  const learner = await recall('learner');
  const cache = learner === null ? null : await caches.open(pagesOf(learner));
  return (await cache?.match(AWAY)) ?? (await caches.match(AWAY)) ?? Response.error();
}

async function showPage(event) {
  const { request } = event;
  const asked = fetch(request).then(async (answer) => {
    if ([502, 503, 504].includes(answer.status)) return null;
    if (isPage(answer)) {
      if (kept.test(placeOf(request.url))) await keep(request.url, answer, false);
      else await meet(whose(await answer.clone().text()));
    }
    return answer;
  }, () => null);
  event.waitUntil(asked);
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); });
  const soon = await Promise.race([asked, late]);
  return soon ?? (await keptPage(request.url)) ?? (await asked) ?? awayPage();
}

async function showFile(request) {
  const cached = await caches.match(request.url);
  if (cached) return cached;
  const answer = await fetch(request);
  if (answer.ok && placeOf(request.url).startsWith(`/ui/${VERSION}/`)) await (await caches.open(SHELL)).put(request.url, answer.clone());
  return answer;
}

async function showFigure(request) {
  const answer = await fetch(request).catch(() => null);
  return answer?.ok ? answer : (await caches.match(placeOf(request.url))) ?? answer ?? Response.error();
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(showPage(event));
  else if (pathname.startsWith('/ui/')) event.respondWith(showFile(request));
  else if (figure.test(pathname)) event.respondWith(showFigure(request));
});
