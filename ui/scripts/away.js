// While the school is away: what of it is kept on this device.
import { element } from './words.js';

async function list() {
  const place = document.getElementById('kept-pages');
  const names = (await globalThis.caches?.keys() ?? []).filter((one) => one.startsWith('lyceum-') && one.includes('-learner-'));
  const cache = names.length ? await caches.open(names[0]) : null;
  for (const request of await cache?.keys() ?? []) {
    const { pathname } = new URL(request.url);
    if (pathname === '/away' || pathname.includes('/files/')) continue;
    const page = new DOMParser().parseFromString(await (await cache.match(request)).text(), 'text/html');
    place.append(element('li', {}, element('a', { href: pathname, dir: 'auto' }, page.title)));
  }
  document.getElementById('nothing-kept').hidden = place.childElementCount > 0;
}
list();
document.getElementById('try-again').addEventListener('click', () => location.reload());
