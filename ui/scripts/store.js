// What this device keeps: answers that were not sent yet, each with its learner. In IndexedDB; where
// there is none, for as long as the page is open.

const opened = new Promise((resolve) => {
  if (!globalThis.indexedDB) { resolve(null); return; }
  const request = indexedDB.open('lyceum', 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('answers', { keyPath: 'id' });
    request.result.createObjectStore('about', { keyPath: 'name' });
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => resolve(null);
  request.onblocked = () => resolve(null);
});
const memory = { answers: new Map(), about: new Map() };

// Resolves when it is on the disk, with the request's result.
async function act(name, mode, todo, otherwise) {
  const database = await opened;
  if (!database) return otherwise(memory[name]);
  return new Promise((resolve, reject) => {
    const work = database.transaction(name, mode, { durability: 'strict' });
    const request = todo(work.objectStore(name));
    work.oncomplete = () => resolve(request.result);
    work.onabort = () => reject(work.error);
  });
}

export const put = (row) => act('answers', 'readwrite', (store) => store.put(row), (map) => map.set(row.id, row));
export const remove = (id) => act('answers', 'readwrite', (store) => store.delete(id), (map) => map.delete(id));
export const all = () => act('answers', 'readonly', (store) => store.getAll(), (map) => [...map.values()]);

export async function recall(name) {
  const row = await act('about', 'readonly', (store) => store.get(name), (map) => map.get(name));
  return row?.value ?? null;
}
export const note = (name, value) => act('about', 'readwrite', (store) => store.put({ name, value }), (map) => map.set(name, { name, value }));
