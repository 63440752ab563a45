// The owner's page of the company: fetched again every other second while it is looked at.
async function renew() {
  if (document.hidden) return
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html')
    const fresh = page.querySelector('#company')
    if (fresh) document.querySelector('#company').replaceWith(document.adoptNode(fresh))
  } catch { /* the school is closed; what was seen last stays */ }
}
setInterval(renew, 2000)
